// The keyboard flow of the officers' pages. It can be switched off (WCAG 2.1.4), and
// it never acts while something is typed.
import { useEffect } from "preact/hooks";

const place = "paht.keyboard";

export function keyboardOn(): boolean {
  try {
    return localStorage.getItem(place) !== "off";
  } catch {
    return true;
  }
}

export function setKeyboard(on: boolean): void {
  try {
    if (on) localStorage.removeItem(place);
    else localStorage.setItem(place, "off");
  } catch {
    // the choice lasts as long as the page
  }
}

export function useKeys(acts: Record<string, () => void>): void {
  useEffect(() => {
    const pressed = (e: KeyboardEvent) => {
      if (!keyboardOn() || e.ctrlKey || e.metaKey || e.altKey) return;
      if ((e.target as HTMLElement).closest("input, textarea, select, [contenteditable], dialog")) return;
      const act = acts[e.key];
      if (!act) return;
      e.preventDefault();
      act();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  });
}
