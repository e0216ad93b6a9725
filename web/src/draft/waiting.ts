// Looks for reports that wait to be sent, on every page of a reporter: what waits is
// sent once when the line is there, also after the page was closed.
import { isOfficer, who } from "../api/session";

/** Pages that show a draft hear what became of it, whoever sent it. */
export const outboxEvent = "paht-outbox";

export function waiting(): void {
  const w = who();
  if (!w || isOfficer(w)) return;
  const go = async () => {
    const { sendWaiting } = await import("./outbox");
    await sendWaiting();
  };
  void go();
  addEventListener("online", () => void go());
}
