import { useEffect } from "react";
import { notify } from "../app/notices";
import { useSessions } from "./session";

/** Milliseconds until keys that end at `expiration` are asked for again: when two thirds of their time are over. */
export function untilRenewal(now: number, expiration: Date): number {
  return Math.max(5_000, ((expiration.getTime() - now) * 2) / 3);
}

/** Keeps the keys of the session that acts fresh; a refusal ends the session, since nothing would work any more. */
export function useRenewal(): void {
  const session = useSessions((sessions) => sessions.stack.at(-1));
  useEffect(() => {
    const { renew, keys } = session ?? {};
    if (!renew || !keys?.expiration) return;
    const timer = setTimeout(
      () => {
        renew().then(useSessions.getState().useKeys, (error: unknown) => {
          notify.error("Your session has ended", error);
          useSessions.getState().signOut();
        });
      },
      untilRenewal(Date.now(), keys.expiration),
    );
    return () => clearTimeout(timer);
  }, [session]);
}
