import { describe, expect, test } from "vitest";
import { brokenRules, signingTime } from "../../src/desk/result";
import { commonName, evidenceOf } from "../../src/ui/verdict";
import { hintsOf } from "../../src/desk/hints";
import { fromInput, toInput } from "../../src/time";
import { safeReturn } from "../../src/api/session";

describe("the signing time of a PDF", () => {
  test.each([
    ["the last of two, in the province's zone", "/M (D:20261124211900+07'00') … /M(D:20261124212005+07'00')", "2026-11-24T21:20:05"],
    ["in UTC", "/M (D:20261124142005Z)", "2026-11-24T21:20:05"],
    ["none", "/ModDate (D:20261124142005Z)", ""],
    ["one that is no time", "/M (D:20261399999999Z)", ""],
  ])("%s", (_, text, read) => expect(signingTime(text)).toBe(read));
});

test("a time of an input is the province's", () => {
  expect(fromInput("2026-11-24T21:20")).toBe("2026-11-24T21:20:00+07:00");
  expect(fromInput(toInput(new Date("2026-11-24T14:20:05Z")))).toBe("2026-11-24T21:20:05+07:00");
  expect(fromInput("")).toBe("");
});

test("broken rules are those of refused results alone", () => {
  const p = { type: "", title: "", status: 422, detail: "", code: "invalid" };
  expect(brokenRules({ ...p, errors: [{ path: "body.upload", code: "result_refused", detail: "", facts: ["sha1"] }, { path: "body.x", code: "required", detail: "", facts: ["y"] }] })).toEqual(["sha1"]);
  expect(brokenRules(p)).toEqual([]);
  expect(brokenRules(undefined)).toEqual([]);
});

describe("what a stored verdict says", () => {
  test("names and times are read", () => {
    const e = evidenceOf({ judgedAt: "t", signatures: [{ subject: "CN=Võ Minh,O=TT", issuer: "O=X,CN=Demo CA", signedAt: "s" }] });
    expect(e).toEqual({ judgedAt: "t", signatures: [{ subject: "Võ Minh", issuer: "Demo CA", signedAt: "s" }] });
  });
  test.each([null, undefined, "x", {}, { signatures: "no" }])("%j is none", (v) => expect(evidenceOf(v)).toBeNull());
  test("an escaped comma belongs to the name", () => expect(commonName("CN=Sở A\\, B,O=C")).toBe("Sở A, B"));
});

test("hints that are not understood are left out", () => {
  expect(hintsOf({ hints: [{ class: "9.1.a", phrase: "thủ tục hành chính" }, 3, { x: 1 }] })).toEqual([{ class: "9.1.a", phrase: "thủ tục hành chính" }]);
  expect(hintsOf("x")).toEqual([]);
});

describe("the way back after log-in", () => {
  test.each([
    ["/gui-phan-anh/?nhap=1", "/gui-phan-anh/?nhap=1"],
    ["//evil.example/", "/x/"],
    ["/\\evil.example/", "/x/"],
    ["https://evil.example/", "/x/"],
    ["javascript:alert(1)", "/x/"],
    [null, "/x/"],
  ])("%s leads to %s", (asked, leads) => expect(safeReturn(asked, "/x/")).toBe(leads));
});
