// The one client of the HTTP API, with types generated from the contract. Whatever
// goes wrong comes back as a problem document, also the line itself.
import createClient from "openapi-fetch";
import { language } from "../i18n";
import { expired, OFFLINE, UNREADABLE, type Outcome, type Problem } from "./problem";
import type { paths } from "./schema";
import { forget } from "./session";

export { expired, newKey, passing, type Outcome, type Problem, type Schemas } from "./problem";

export const api = createClient<paths>({ baseUrl: "/" });

api.use({
  onRequest({ request }) {
    request.headers.set("Accept-Language", language());
    return request;
  },
});

function made(code: string, status = 0): Problem {
  return { type: "about:blank", title: "", status, detail: "", code };
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Waits for an answer and sorts it: what was asked for, or why not. */
export async function settle<T>(asked: Promise<Answer<T>>): Promise<Outcome<T>> {
  let answer: Answer<T>;
  try {
    answer = await asked;
  } catch (error) {
    return { ok: false, problem: made(error instanceof SyntaxError ? UNREADABLE : OFFLINE) };
  }
  if (answer.response.ok) {
    return { ok: true, data: answer.data as T, etag: answer.response.headers.get("ETag") ?? "" };
  }
  const problem = problemOf(answer.error, answer.response.status);
  if (expired(problem)) forget();
  return { ok: false, problem };
}

function problemOf(body: unknown, status: number): Problem {
  if (typeof body === "object" && body !== null && typeof (body as Problem).code === "string") return body as Problem;
  return made(status === 503 || status === 429 ? "busy" : "internal", status);
}
