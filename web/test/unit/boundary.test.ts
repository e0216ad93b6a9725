import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { areasOf, communeAt } from "../../src/place/boundary";

const areas = areasOf(JSON.parse(readFileSync(new URL("../../../data/demo/boundary.json", import.meta.url), "utf8")));

describe("the commune of a point of the made-up province", () => {
  test.each([
    ["in the middle of the first", 9.705, 106.085, "99001"],
    ["in its exclave, which the fifth surrounds", 9.773, 106.134, "99001"],
    ["in the second", 9.705, 106.14, "99002"],
  ])("%s", (_, lat, lon, code) => expect(communeAt(areas, lat, lon)?.code).toBe(code));
  test.each([
    ["in the sea", 9.0, 107.5],
    ["with the axes turned round", 106.085, 9.705],
  ])("%s it is none", (_, lat, lon) => expect(communeAt(areas, lat, lon)).toBeNull());
});

test("a hole is not inside", () => {
  const square = (a: number, b: number): [number, number][] => [[a, a], [b, a], [b, b], [a, b], [a, a]];
  const holed = [{ code: "1", name: "", polygons: [[square(0, 10), square(4, 6)]] }];
  expect(communeAt(holed, 2, 2)?.code).toBe("1");
  expect(communeAt(holed, 5, 5)).toBeNull();
});
