import { Sha256Js } from "@smithy/core/checksum";
import { SignatureV4 } from "@smithy/signature-v4";
import { currentSession } from "../session/session";

const escaped = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

/** What AWS's API does not tell: a document of `/_sagehen/`, signed as everything else. */
export const document = <T>(
  name: string,
  signal: AbortSignal,
  query: Record<string, string> = {},
): Promise<T> => ask<T>("GET", name, signal, query);

/** Sends JSON to `/_sagehen/`, signed as everything else. */
export const post = <T>(name: string, body: unknown, signal: AbortSignal): Promise<T> =>
  ask<T>("POST", name, signal, {}, JSON.stringify(body));

async function ask<T>(
  method: "GET" | "POST",
  name: string,
  signal: AbortSignal,
  query: Record<string, string>,
  body?: string,
): Promise<T> {
  const { keys, region } = currentSession();
  const path = `/_sagehen/${name}`;
  const signer = new SignatureV4({ service: "sagehen", region, credentials: keys, sha256: Sha256Js });
  const content: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
  const { headers } = await signer.sign({
    method,
    protocol: window.location.protocol,
    hostname: window.location.hostname,
    path,
    query,
    headers: { host: window.location.host, ...content },
    ...(body === undefined ? {} : { body }),
  });
  // A browser writes `host` itself, and forbids others to.
  const { host: _, ...sent } = headers;
  // As it was signed: a blank is %20, never a plus sign.
  const asked = Object.entries(query)
    .map(([key, value]) => `${key}=${escaped(value)}`)
    .join("&");
  const answer = await fetch(asked ? `${path}?${asked}` : path, {
    method,
    headers: sent,
    signal,
    ...(body === undefined ? {} : { body }),
  });
  if (answer.ok) return (await answer.json()) as T;
  const said = (await answer.json().catch(() => ({}))) as Record<string, string | undefined>;
  const message = said.message ?? said.Message ?? `The platform answered ${answer.status}.`;
  throw Object.assign(new Error(message), {
    name: said.code ?? said.Code ?? said.__type ?? "Error",
    $metadata: { httpStatusCode: answer.status },
  });
}
