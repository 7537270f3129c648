import { create } from "zustand";

/** Keys as STS gives them out; keys of a user have no token and no end. */
export interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
  expiration?: Date | undefined;
}

/** One identity that the console acts as. It is in memory alone: gone with the tab, as the contract asks. */
export interface Session {
  keys: Keys;
  account: string;
  arn: string;
  region: string;
  /** Asks for new keys before these end; absent for keys that do not end. */
  renew?: (() => Promise<Keys>) | undefined;
  /** Tells the platform that the session is over; absent where it has nothing to forget. */
  end?: (() => Promise<void>) | undefined;
}

interface Sessions {
  /** Who signed in, and after each `Switch role` the role on top; the last one acts. */
  stack: Session[];
  signIn(session: Session): void;
  become(role: Session): void;
  switchBack(): void;
  signOut(): void;
  /** Gives new keys to the session at this place of the stack, whether it acts or waits. */
  useKeys(place: number, keys: Keys): void;
  /** Ends the session at this place and those on top of it, which are its roles. */
  fall(place: number): void;
}

export const useSessions = create<Sessions>((set, get) => ({
  stack: [],
  signIn: (session) => set({ stack: [session] }),
  become: (role) => set({ stack: [...get().stack, role] }),
  switchBack: () => set({ stack: get().stack.slice(0, Math.max(1, get().stack.length - 1)) }),
  signOut: () => {
    for (const session of get().stack) void session.end?.().catch(() => undefined);
    set({ stack: [] });
  },
  useKeys: (place, keys) =>
    set({
      stack: get().stack.map((session, index) => (index === place ? { ...session, keys } : session)),
    }),
  fall: (place) => (place > 0 ? set({ stack: get().stack.slice(0, place) }) : get().signOut()),
}));

export function currentSession(): Session {
  const session = useSessions.getState().stack.at(-1);
  if (!session) throw new Error("Nobody is signed in.");
  return session;
}

/** The session that acts, inside of the shell, where there always is one. */
export function useSession(): Session {
  const session = useSessions((sessions) => sessions.stack.at(-1));
  if (!session) throw new Error("Nobody is signed in.");
  return session;
}

/** `SagehenSageMakerExecutionRole/console` of an assumed role's ARN, `root` or `user/anna` of the others. */
export function shortName(arn: string): string {
  const resource = arn.split(":").slice(5).join(":");
  return resource.replace(/^assumed-role\//, "").replace(/^user\//, "");
}
