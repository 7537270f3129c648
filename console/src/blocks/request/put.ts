/** A request as it is sent: what a form does not show is kept as it is. */
export type Request = Record<string, unknown>;

const isRecord = (value: unknown): value is Request =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What stands at a path; nothing where there is nothing. */
export function at<T>(request: Request, path: string[]): T | undefined {
  let found: unknown = request;
  for (const name of path) found = isRecord(found) ? found[name] : undefined;
  return found as T | undefined;
}

const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === "" ||
  (Array.isArray(value) && value.length === 0) ||
  (isRecord(value) && Object.keys(value).length === 0);

/** The request with another value at a path; nothing takes the member away, and what holds nothing else with it. */
export function put(request: Request, path: string[], value: unknown): Request {
  const [name = "", ...rest] = path;
  const inner = request[name];
  const changed = rest.length > 0 ? put(isRecord(inner) ? inner : {}, rest, value) : value;
  if (!isNothing(changed)) return { ...request, [name]: changed };
  const { [name]: _, ...others } = request;
  return others;
}

/** The members of an answer that a request has, too, without those that are not there. */
export function pick(answer: object, members: readonly string[]): Request {
  const found = Object.entries(answer).filter(
    ([name, value]) => members.includes(name) && value !== undefined && value !== null,
  );
  return JSON.parse(JSON.stringify(Object.fromEntries(found))) as Request;
}

export interface Pair {
  name: string;
  value: string;
}

export const pairsOf = (record: Record<string, string> | undefined): Pair[] =>
  Object.entries(record ?? {}).map(([name, value]) => ({ name, value }));

/** Names without a value stand for the empty text; without a name there is nothing. */
export const recordOf = (pairs: Pair[]): Record<string, string> =>
  Object.fromEntries(pairs.filter(({ name }) => name !== "").map(({ name, value }) => [name, value]));

/** A number as it is written; what is none yet (`0.`) stays a text, which AWS would refuse. */
export const numberIn = (text: string): number | string =>
  text !== "" && String(Number(text)) === text ? Number(text) : text;

/** What is wrong with a request that was written by hand, before AWS sees it: what it does not know it would drop. */
export function faultOf(text: string, members: readonly string[]): string | undefined {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (error) {
    return (error as Error).message;
  }
  if (!isRecord(read)) return "An object, please: { … }";
  const strange = Object.keys(read).filter((name) => !members.includes(name));
  return strange.length > 0 ? `It has no ${strange.join(", ")}.` : undefined;
}

/** `train-2026-11-29-09-30-12` → `train` with the time of now, at most 63 characters. */
export function nextName(name: string, now: Date): string {
  const base = name.replace(/-\d{4}(-\d\d){2,5}(-\d{3})?$/, "");
  return `${base.slice(0, 43)}-${now.toISOString().slice(0, 19).replace(/[T:]/g, "-")}`;
}
