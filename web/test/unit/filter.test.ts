import { describe, expect, test } from "vitest";
import { apply, cell, csv, filterOf, queryOf, textOf, type Item, type Row } from "../../src/desk/filter";

const item = (more: Partial<Item>): Item => ({
  report: "PA-K91YT85ZGQ=",
  etag: '"2"',
  state: "screening",
  category: "giao_thong",
  categoryName: "Hạ tầng giao thông",
  commune: "99001",
  communeName: "Phường Lam Châu",
  submittedAt: "2026-11-24T08:00:00+07:00",
  due: "2026-11-24T10:00:00+07:00",
  late: false,
  ...more,
});
const row = (more: Partial<Item> = {}): Row => {
  const i = item(more);
  return { item: i, text: textOf(i), due: Date.parse(i.due) };
};
const now = Date.parse("2026-11-24T09:00:00+07:00");
const evening = Date.parse("2026-11-25T00:00:00+07:00");
const none = filterOf("", "screen");

describe("a filter", () => {
  test("goes into the address and comes back the same", () => {
    const f = { stage: "route", words: "cống chợ", category: "dien", commune: "99002", state: "routing", due: "late" };
    expect(filterOf(queryOf(f), "screen")).toEqual(f);
  });
  test.each([
    ["nothing keeps everything", {}, true],
    ["words without diacritics", { words: "lam chau giao thong" }, true],
    ["words with diacritics", { words: "Châu" }, true],
    ["a code without its hyphen", { words: "pak91yt" }, true],
    ["words that are not there", { words: "con may" }, false],
    ["another category", { category: "dien" }, false],
    ["another commune", { commune: "99002" }, false],
    ["late only, and it is not", { due: "late" }, false],
    ["due today", { due: "today" }, true],
  ])("%s", (_, part, kept) => expect(apply([row()], { ...none, ...part }, now, evening).length).toBe(kept ? 1 : 0));
  test("late is what the clock says, not what was loaded", () => {
    expect(apply([row()], { ...none, due: "late" }, Date.parse("2026-11-24T10:01:00+07:00"), evening).length).toBe(1);
  });
});

describe("a cell of CSV", () => {
  test.each([
    ["plain", "plain"],
    ["a,b", '"a,b"'],
    ['say "so"', '"say ""so"""'],
    ["two\nlines", '"two\nlines"'],
    ["=SUM(A1)", "'=SUM(A1)"],
    ["-1", "'-1"],
  ])("%j is %j", (value, written) => expect(cell(value)).toBe(written));
  test("a file begins with its mark, so that sheets read Vietnamese", () => {
    expect(csv([["Mã"], ["PA"]])).toBe("\ufeffMã\r\nPA\r\n");
  });
});
