// A code that came in the fragment leaves the address bar at once: it shall stand in
// no history and on no screenshot.
let kept: URLSearchParams | null = null;

export function fragment(): URLSearchParams {
  if (!kept) {
    kept = new URLSearchParams(location.hash.slice(1));
    if (kept.has("ma")) history.replaceState(null, "", location.pathname + location.search);
  }
  return kept;
}
