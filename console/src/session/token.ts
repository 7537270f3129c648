import type { Keys, Session } from "./session";

const headers = { "Content-Type": "application/json", "X-Sagehen-Console": "1" };

interface Exchanged {
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string; expiration: string };
  renewal: string;
  arn: string;
  account: string;
  region: string;
}

async function post(path: string, body: unknown): Promise<Response> {
  const answer = await fetch(`/_sagehen/console/${path}`, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
  if (answer.ok) return answer;
  const said = (await answer.json().catch(() => ({}))) as { message?: string };
  throw new Error(said.message ?? `The platform answered ${answer.status}.`);
}

const keysOf = ({ credentials }: Exchanged): Keys => ({
  ...credentials,
  expiration: new Date(credentials.expiration),
});

/** Takes `#token=…` out of the address; a token works once, but it has no business in the history either. */
export function takeToken(): string | undefined {
  const token = new URLSearchParams(window.location.hash.slice(1)).get("token");
  if (token) window.history.replaceState(null, "", window.location.pathname);
  return token ?? undefined;
}

/** Exchanges the one-time token of `sagehen console` for a session; throws with the platform's words. */
export async function exchange(token: string): Promise<Session> {
  const first = (await (await post("session", { token })).json()) as Exchanged;
  const renewal = { renewal: first.renewal };
  return {
    keys: keysOf(first),
    account: first.account,
    arn: first.arn,
    region: first.region,
    renew: async () => keysOf((await (await post("renewal", renewal)).json()) as Exchanged),
    end: async () => {
      await post("sign-out", renewal);
    },
  };
}

/** The region that the platform names before anybody has signed in; us-east-1 where it names none. */
export async function regionOfPlatform(): Promise<string> {
  try {
    const health = (await (await fetch("/_sagehen/health")).json()) as { region?: string };
    return health.region ?? "us-east-1";
  } catch {
    return "us-east-1";
  }
}
