import type { Area } from "./index";
import { following } from "./vi.following";

export const followingWords: Area = { vi: following, en: async () => (await import("./en.following")).en };
