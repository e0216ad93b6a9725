import { describe, expect, test } from "vitest";
import { fold, lacksMarks, length } from "../../src/vietnamese";

describe("folding", () => {
  test.each([
    ["Đường Lê Lợi", "duong le loi"],
    ["ĐƯỜNG", "duong"],
    ["Hoà Thuỷ".normalize("NFD"), "hoa thuy"],
    ["Phường Nguyễn Thị Minh Khai", "phuong nguyen thi minh khai"],
  ])("%s becomes %s", (text, folded) => expect(fold(text)).toBe(folded));
});

describe("the hint about diacritics", () => {
  test.each([
    ["nap cong truoc cho bi vo", true],
    ["NAP CONG TRUOC CHO BI VO", true],
    ["Nắp cống trước chợ bị vỡ", false],
    ["Nắp cống trước chợ bị vỡ".normalize("NFD"), false],
    ["duong bi hu", false], // four words or fewer are too few to say
    ["", false],
    ["Đ a b c d e f", false],
  ])("%s: %s", (text, hint) => expect(lacksMarks(text)).toBe(hint));
});

test("length counts composed characters, as the API does", () => {
  expect(length("Nắp".normalize("NFD"))).toBe(3);
  expect(length("  a  ")).toBe(1);
  expect(length("😀😀")).toBe(2);
});
