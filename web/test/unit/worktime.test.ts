import { expect, test } from "vitest";
import { minutesLeft, type Session } from "../../src/desk/worktime";

const at = (s: string) => Date.parse(`2026-11-${s}:00+07:00`);
const sessions: Session[] = [
  { from: at("25T07:30"), to: at("25T11:30") },
  { from: at("25T13:30"), to: at("25T17:00") },
  { from: at("26T07:30"), to: at("26T11:30") },
];

test.each([
  ["within one session", "25T08:00", "25T10:00", 120],
  ["over noon", "25T11:00", "25T14:00", 60],
  ["over night", "25T16:30", "26T08:30", 90],
  ["from outside hours", "24T21:00", "25T09:30", 120],
  ["a due time outside hours adds nothing", "25T16:00", "25T22:00", 60],
  ["at the end of the last known session", "26T10:30", "26T11:30", 60],
])("%s", (_, now, due, minutes) => expect(minutesLeft(sessions, at(now), at(due))).toBe(minutes));

test("what the sessions do not reach is not known", () => {
  expect(minutesLeft(sessions, at("25T08:00"), at("27T08:00"))).toBeNull();
  expect(minutesLeft([], at("25T08:00"), at("25T09:00"))).toBeNull();
});
