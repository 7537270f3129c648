import { useEffect } from "react";
import { notify } from "../app/notices";
import { type Refusal, refusalOf } from "../aws/refusal";
import { type Session, useSessions } from "./session";

/** Between two questions while the platform does not answer. */
const AGAIN_MS = 5_000;

/** Milliseconds until keys that end at `expiration` are asked for again: when two thirds of their time are over. */
export function untilRenewal(now: number, expiration: Date): number {
  return Math.max(AGAIN_MS, ((expiration.getTime() - now) * 2) / 3);
}

/** Whether a refused renewal is worth another try: a platform that is down or starting has not refused. */
export const mayCome = ({ code, status = 0 }: Pick<Refusal, "code" | "status">): boolean =>
  code === "NoAnswer" || status >= 500;

/** Keeps the keys of a session fresh until the signal; a refusal ends it, since nothing would work any more. */
function keepFresh({ keys, renew }: Session, place: number): (() => void) | undefined {
  const { expiration } = keys;
  if (!renew || !expiration) return undefined;
  let over = false;
  let timer: ReturnType<typeof setTimeout>;
  const ask = () => {
    renew().then(
      (fresh) => over || useSessions.getState().useKeys(place, fresh),
      (error: unknown) => {
        if (over) return;
        if (mayCome(refusalOf(error))) {
          timer = setTimeout(ask, AGAIN_MS);
          return;
        }
        notify.error(place > 0 ? "The role's session has ended" : "Your session has ended", error);
        useSessions.getState().fall(place);
      },
    );
  };
  timer = setTimeout(ask, untilRenewal(Date.now(), expiration));
  return () => {
    over = true;
    clearTimeout(timer);
  };
}

/** Keeps the keys of all sessions fresh: those below a role are needed for its next keys, and to switch back. */
export function useRenewal(): void {
  const stack = useSessions((sessions) => sessions.stack);
  useEffect(() => {
    const ends = stack.map(keepFresh);
    return () => {
      for (const end of ends) end?.();
    };
  }, [stack]);
}
