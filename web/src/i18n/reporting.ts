import type { Area } from "./index";
import { reporting } from "./vi.reporting";

export const reportingWords: Area = { vi: reporting, en: async () => (await import("./en.reporting")).en };
