import { currentSession, type Keys, useSessions } from "../session/session";
import { watchCalls } from "./calls";

/** What every client of the AWS SDK for JavaScript v3 is given here. */
interface Settings {
  endpoint: string;
  region: string;
  credentials: () => Promise<Keys>;
  maxAttempts: number;
  /** S3 alone reads it: a bucket is a part of the path, since the platform has one host name. */
  forcePathStyle: boolean;
}

// The SDK's own types differ from client to client in their middleware; what all have in common is enough here.
// biome-ignore lint/suspicious/noExplicitAny: the classes' constructors take configurations of their own
type ClientClass<C> = new (settings: any) => C;

interface Closed {
  destroy(): void;
}

/** A client with keys of one's own: for signing in. Screens take `aws`. */
export function newClient<C extends Closed>(
  Client: ClientClass<C>,
  region: string,
  credentials: () => Promise<Keys>,
): C {
  const settings: Settings = {
    endpoint: window.location.origin,
    region,
    credentials,
    // One repetition of what the network lost: a screen asks again by itself, and an error is to be seen soon.
    maxAttempts: 2,
    forcePathStyle: true,
  };
  const client = new Client(settings);
  watchCalls(client);
  return client;
}

const clients = new Map<ClientClass<Closed>, Closed>();

/** The client of a service, made at its first use, with the rights of the session that acts. */
export function aws<C extends Closed>(Client: ClientClass<C>): C {
  const known = clients.get(Client);
  if (known) return known as C;
  const client = newClient(Client, currentSession().region, async () => currentSession().keys);
  clients.set(Client, client);
  return client;
}

// Clients keep keys for a while: who becomes somebody else, or gets new keys, gets new clients.
useSessions.subscribe(() => {
  for (const client of clients.values()) client.destroy();
  clients.clear();
});
