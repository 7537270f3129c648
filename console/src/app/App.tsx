import { I18nProvider } from "@cloudscape-design/components/i18n";
import messages from "@cloudscape-design/components/i18n/messages/all.en";
import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { endsSession, refusalOf } from "../aws/refusal";
import { useRenewal } from "../session/renewal";
import { useSessions } from "../session/session";
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

/** Who is nobody yet signs in; everybody else is inside. */
export function App() {
  // Another identity has another page: what is mounted would go on showing what the one before saw, or was refused.
  const identity = useSessions(({ stack }) => stack.map(({ arn }) => arn).join(" "));
  useRenewal();
  return (
    <I18nProvider locale="en" messages={[messages]}>
      <QueryClientProvider client={queries}>
        <Suspense fallback={null}>{identity ? <Inside key={identity} /> : <Login />}</Suspense>
      </QueryClientProvider>
    </I18nProvider>
  );
}
