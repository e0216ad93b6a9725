import { describe, expect, test } from "vitest";
import { en } from "../../src/i18n/en";
import { en as enAccount } from "../../src/i18n/en.account";
import { en as enDesk } from "../../src/i18n/en.desk";
import { en as enFollowing } from "../../src/i18n/en.following";
import { en as enOpen } from "../../src/i18n/en.open";
import { en as enReporting } from "../../src/i18n/en.reporting";
import { fill } from "../../src/i18n";
import { vi } from "../../src/i18n/vi";
import { account } from "../../src/i18n/vi.account";
import { desk } from "../../src/i18n/vi.desk";
import { following } from "../../src/i18n/vi.following";
import { open } from "../../src/i18n/vi.open";
import { reporting } from "../../src/i18n/vi.reporting";

const pairs: [string, Record<string, string>, Record<string, string>][] = [
  ["common", vi, en],
  ["account", account, enAccount],
  ["open", open, enOpen],
  ["following", following, enFollowing],
  ["reporting", reporting, enReporting],
  ["desk", desk, enDesk],
];

const values = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();

describe.each(pairs)("the words of %s", (_, one, other) => {
  test("both languages have the same keys", () => expect(Object.keys(other).sort()).toEqual(Object.keys(one).sort()));
  test("both take the same values", () => {
    for (const key of Object.keys(one)) expect([key, values(other[key]!)]).toEqual([key, values(one[key]!)]);
  });
  test("none is empty", () => {
    for (const text of [...Object.values(one), ...Object.values(other)]) expect(text.trim()).not.toBe("");
  });
  test("Vietnamese stands composed", () => {
    for (const text of Object.values(one)) expect(text).toBe(text.normalize("NFC"));
  });
});

test("no key stands in two areas", () => {
  const keys = pairs.flatMap(([, one]) => Object.keys(one));
  expect(keys.length).toBe(new Set(keys).size);
});

test("a value that is not given stays visible", () => {
  expect(fill("{n} hình của {who}", { n: 2 })).toBe("2 hình của {who}");
});
