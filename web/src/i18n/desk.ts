import type { Area } from "./index";
import { desk } from "./vi.desk";

export const deskWords: Area = { vi: desk, en: async () => (await import("./en.desk")).en };
