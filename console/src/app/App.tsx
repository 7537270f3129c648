import { I18nProvider } from "@cloudscape-design/components/i18n";
import messages from "@cloudscape-design/components/i18n/messages/all.en";
import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import { endsSession, refusalOf } from "../aws/refusal";
import { useRenewal } from "../session/renewal";
import { type Session, useSessions } from "../session/session";
import "./appearance";
import Inside from "./Inside";
import { notify } from "./notices";

const Login = lazy(() => import("../session/Login"));

const queries = new QueryClient({
  // A look that fails is the next look's business, with its own pauses.
  defaultOptions: { queries: { retry: false, gcTime: 60_000, staleTime: 1_000 } },
  queryCache: new QueryCache({
    onError: (error) => {
      if (!endsSession(refusalOf(error).code) || useSessions.getState().stack.length === 0) return;
      notify.error("Your session has ended", error);
      useSessions.getState().signOut();
    },
  }),
});

// What one identity has seen is nothing that the next may see.
useSessions.subscribe((now, before) => {
  if (now.stack.at(-1)?.arn !== before.stack.at(-1)?.arn || now.stack.length !== before.stack.length)
    queries.clear();
});

interface Props {
  /** The session that is being asked for, with the token that the address had. */
  arriving: Promise<Session> | undefined;
}

/** Who is nobody yet signs in; everybody else is inside. */
export function App({ arriving }: Props) {
  // Another identity has another page: what is mounted would go on showing what the one before saw, or was refused.
  const identity = useSessions(({ stack }) => stack.map(({ arn }) => arn).join(" "));
  const waiting = useArrival(arriving);
  useRenewal();
  return (
    <I18nProvider locale="en" messages={[messages]}>
      <QueryClientProvider client={queries}>
        <Suspense fallback={null}>
          {identity ? <Inside key={identity} /> : waiting ? null : <Login />}
        </Suspense>
      </QueryClientProvider>
    </I18nProvider>
  );
}

/** Signs in who arrives; true while the platform has not answered. */
function useArrival(arriving: Promise<Session> | undefined): boolean {
  const [waiting, setWaiting] = useState(arriving !== undefined);
  useEffect(() => {
    let over = false; // React's strict mode runs effects twice
    arriving
      ?.then(
        (session) => over || useSessions.getState().signIn(session),
        (error: unknown) => over || notify.error("The link of sagehen console", error),
      )
      .finally(() => setWaiting(false));
    return () => {
      over = true;
    };
  }, [arriving]);
  return waiting;
}
