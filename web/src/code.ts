// Tracking codes as people type them: any case, spaces or hyphens anywhere, O for
// 0, I and L for 1; the last character checks the others.
// https://www.crockford.com/base32.html
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U";

function plain(c: string): string {
  return c === "O" ? "0" : c === "I" || c === "L" ? "1" : c;
}

/** The code in its one written form, or "" where it cannot be one. */
export function readCode(typed: string): string {
  const s = typed.toUpperCase().replace(/[\s-]/g, "");
  if (!s.startsWith("PA") || s.length !== 13) return "";
  let rest = 0; // the 50 bits modulo 37, since they do not fit 32
  let out = "";
  for (const c of s.slice(2, 12)) {
    const v = alphabet.indexOf(plain(c));
    if (v < 0 || v > 31) return "";
    rest = (rest * 32 + v) % 37;
    out += alphabet[v];
  }
  const last = s[12] ?? "";
  let check = alphabet.indexOf(last);
  if (check < 0) check = alphabet.indexOf(plain(last));
  return check === rest ? `PA-${out}${alphabet[check]}` : "";
}
