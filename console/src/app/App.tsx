import { I18nProvider } from "@cloudscape-design/components/i18n";
import messages from "@cloudscape-design/components/i18n/messages/all.en";
import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { endsSession, refusalOf } from "../aws/refusal";
import { useRenewal } from "../session/renewal";
import { useSessions } from "../session/session";
import { exchange } from "../session/token";
import "./appearance";
import { notify } from "./notices";

const Login = lazy(() => import("../session/Login"));
const Inside = lazy(() => import("./Inside"));

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

/** Who is nobody yet signs in; everybody else is inside. */
export function App({ token }: { token: string | undefined }) {
  // Another identity has another page: what is mounted would go on showing what the one before saw, or was refused.
  const identity = useSessions(({ stack }) => stack.map(({ arn }) => arn).join(" "));
  const waiting = useExchange(token);
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

/** Exchanges the token that the address had; true while it waits for the platform's answer. */
function useExchange(token: string | undefined): boolean {
  const [waiting, setWaiting] = useState(token !== undefined);
  const asked = useRef(false); // a token works once, and React's strict mode runs effects twice
  useEffect(() => {
    if (!token || asked.current) return;
    asked.current = true;
    exchange(token)
      .then(useSessions.getState().signIn, (error: unknown) =>
        notify.error("The link of sagehen console", error),
      )
      .finally(() => setWaiting(false));
  }, [token]);
  return waiting;
}
