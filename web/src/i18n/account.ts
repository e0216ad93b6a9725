import type { Area } from "./index";
import { account } from "./vi.account";

export const accountWords: Area = { vi: account, en: async () => (await import("./en.account")).en };
