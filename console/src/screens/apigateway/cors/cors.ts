import type { Resource } from "@aws-sdk/client-api-gateway";

export const HEADERS = "Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token";

const named = (name: string) => `method.response.header.Access-Control-Allow-${name}`;

/** What a browser may be told: who may call, with which verbs and headers. */
export interface Permission {
  origin: string;
  verbs: readonly string[];
  headers: string;
}

/** The answer to a browser that asks before it calls. */
export const preflight = ({ origin, verbs, headers }: Permission): Record<string, string> => ({
  [named("Headers")]: `'${headers}'`,
  [named("Methods")]: `'${[...new Set([...verbs, "OPTIONS"])].join(",")}'`,
  [named("Origin")]: `'${origin}'`,
});

/** The one header of every other answer. */
export const allowed = (origin: string): Record<string, string> => ({ [named("Origin")]: `'${origin}'` });

/** The same as a method response declares them. */
export const declared = (parameters: Record<string, string>): Record<string, boolean> =>
  Object.fromEntries(Object.keys(parameters).map((name) => [name, false]));

/** `ANY` is all verbs to a browser, which does not know it. */
export const verbsFor = (verbs: readonly string[]): string[] =>
  verbs.includes("ANY")
    ? ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"]
    : verbs.filter((verb) => verb !== "OPTIONS");

/** Methods whose answers the API writes; a proxy's are the function's or the server's own. */
export function writtenHere(resource: Resource): { verb: string; proxy: boolean }[] {
  return Object.entries(resource.resourceMethods ?? {})
    .filter(([verb]) => verb !== "OPTIONS")
    .map(([verb, method]) => ({
      verb,
      proxy: method.methodIntegration?.type?.endsWith("_PROXY") ?? false,
    }));
}
