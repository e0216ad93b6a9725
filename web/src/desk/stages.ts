// Which queues an account sees, and in which it may act.
import { may } from "../api/session";

export interface Stage {
  name: "screen" | "route" | "edit" | "agency";
  acts: string; // the right to act in it
  reads: string[]; // rights that open it
}

const all: Stage[] = [
  { name: "screen", acts: "report.screen", reads: ["report.screen", "report.read_all"] },
  { name: "route", acts: "report.route", reads: ["report.route", "report.read_all"] },
  { name: "edit", acts: "part.publish", reads: ["part.publish", "report.read_all"] },
  { name: "agency", acts: "part.handle", reads: ["part.handle", "report.read"] },
];

/** Those where the account acts come first. */
export function stages(): Stage[] {
  const open = all.filter((s) => s.reads.some(may));
  return [...open.filter((s) => may(s.acts)), ...open.filter((s) => !may(s.acts))];
}
