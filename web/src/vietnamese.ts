// What a page needs to know of Vietnamese: searching without regard to marks, and a
// hint before sending. The rule itself (9.2) is the API's: this hint never stops a
// report.

/** Lower case without marks: "Đường Lê Lợi" and "duong le loi" become the same. */
export function fold(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[đĐ]/g, "d")
    .toLowerCase();
}

const marked = /[\u0300-\u036f]|[đĐ]/;
const word = /^[a-z]{2,}$/i;

/** Tells whether a text of five words or more carries no Vietnamese mark at all. */
export function lacksMarks(text: string): boolean {
  if (marked.test(text.normalize("NFD"))) return false;
  return text.split(/[^\p{L}\p{M}]+/u).filter((w) => word.test(w)).length >= 5;
}

/** Counts as the API does: characters of the composed text. */
export function length(text: string): number {
  return [...text.normalize("NFC").trim()].length;
}
