import type { Area } from "./index";
import { open } from "./vi.open";

export const openWords: Area = { vi: open, en: async () => (await import("./en.open")).en };
