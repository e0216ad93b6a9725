import { describe, expect, test } from "vitest";
import { readCode } from "../../src/code";

// Codes that the system itself gave.
const given = ["PA-K91YT85ZGQ=", "PA-SWG5NNDGTR*"];

describe("a tracking code", () => {
  test.each(given)("%s is read as it is written", (code) => expect(readCode(code)).toBe(code));
  test.each(given)("%s is read in small letters, with spaces and without hyphens", (code) => {
    expect(readCode(code.toLowerCase().replace("-", " "))).toBe(code);
    expect(readCode(code.replace("-", "").replace(/(.{4})/g, "$1 "))).toBe(code);
  });
  test("O is 0 and I and L are 1", () => {
    const code = readCode("PA-K9IYT85ZGQ=");
    expect(code).toBe("PA-K91YT85ZGQ=");
    expect(readCode("PA-K9lYT85ZGQ=")).toBe(code);
  });
  test.each(["", "PA", "PA-K91YT85ZGQ", "PA-K91YT85ZGQ*", "PA-K91YT85ZG=Q", "PB-K91YT85ZGQ=", "PA-K91YT85ZUQ=", "K91YT85ZGQ="])("%s is none", (typed) => expect(readCode(typed)).toBe(""));
  test("one wrong character is always noticed", () => {
    const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    const code = given[0]!;
    for (let i = 3; i < 13; i++) {
      for (const c of alphabet) {
        if (c === code[i]) continue;
        expect(readCode(code.slice(0, i) + c + code.slice(i + 1))).toBe("");
      }
    }
  });
});
