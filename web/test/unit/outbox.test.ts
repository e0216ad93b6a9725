import { expect, test } from "vitest";
import { bodyOf } from "../../src/draft/outbox";
import { hasContent, newDraft } from "../../src/draft/store";
import { missing, stepOf } from "../../src/sending/steps";

const full = { ...newDraft("a"), text: "  Nắp cống vỡ.  ", category: "dien", commune: "99001", address: " Chợ ", occurred: "2026-11-24T08:00" };

test("a body holds what was typed, and nothing that was not", () => {
  expect(bodyOf(full, ["u1", "u2"])).toEqual({
    text: "Nắp cống vỡ.",
    category: "dien",
    commune: "99001",
    address: "Chợ",
    occurredAt: "2026-11-24T08:00:00+07:00",
    notice: "email",
    publicity: "hidden",
    uploads: ["u1", "u2"],
  });
  expect(bodyOf({ ...full, commune: "", address: "", occurred: "", point: { lat: 1, lon: 2 } }, [])).toEqual({
    text: "Nắp cống vỡ.",
    category: "dien",
    point: { lat: 1, lon: 2 },
    notice: "email",
    publicity: "hidden",
  });
});

test("an empty draft is not worth keeping", () => {
  expect(hasContent(newDraft("a"))).toBe(false);
  expect(hasContent(full)).toBe(true);
  expect(hasContent({ ...newDraft("a"), photos: ["p"] })).toBe(true);
});

test.each([
  ["a place without anything", "place", newDraft("a"), ["address", "commune"]],
  ["a point alone is a place", "place", { ...newDraft("a"), point: { lat: 1, lon: 1 } }, []],
  ["a commune alone is none", "place", { ...newDraft("a"), commune: "99001" }, ["address"]],
  ["no category and four characters", "what", { ...newDraft("a"), text: "abcd" }, ["category", "text"]],
  ["2,001 characters", "what", { ...newDraft("a"), category: "dien", text: "a".repeat(2001) }, ["text"]],
  ["2,000 characters", "what", { ...newDraft("a"), category: "dien", text: "a".repeat(2000) }, []],
  ["no photo", "photos", newDraft("a"), []],
] as const)("%s", (_, step, draft, fields) => expect(Object.keys(missing(step, { ...draft, photos: [...draft.photos] })).sort()).toEqual([...fields]));

test.each([
  ["uploads[0]", "photos"],
  ["point", "place"],
  ["commune", "place"],
  ["text", "what"],
  ["occurredAt", "what"],
  ["notice", "choices"],
  ["", "check"],
])("the field %s stands in the step %s", (field, step) => expect(stepOf(field)).toBe(step));
