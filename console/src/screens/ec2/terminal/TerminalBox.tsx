import Box from "@cloudscape-design/components/box";
import Button, { type ButtonProps } from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { type Refusal, refusalOf } from "../../../aws/refusal";
import { Refused } from "../../../blocks/Refused";
import "./terminal.css";

// xterm.js is as large as half the console: it comes when a terminal is opened.
const Screen = lazy(() => import("./Screen"));

interface Props {
  instance: string;
  /** Whom people log in as. */
  user: string;
}

type State = { is: "connecting" } | { is: "open"; user: string } | { is: "closed"; why: string };

/** A shell in the page: opened by a button, over when the page is left. */
export function TerminalBox({ instance, user }: Props) {
  const [typed, setTyped] = useState(user);
  // Each try is another terminal.
  const [tried, setTried] = useState<{ user: string; time: number }>();
  const [state, setState] = useState<State>({ is: "connecting" });
  const [refusal, setRefusal] = useState<Refusal>();
  const button = useRef<ButtonProps.Ref>(null);
  const connect = () => {
    setState({ is: "connecting" });
    setRefusal(undefined);
    setTried({ user: typed.trim(), time: (tried?.time ?? 0) + 1 });
  };
  const disconnect = () => setTried(undefined);
  const close = (why: unknown) => {
    if (typeof why === "string") setState({ is: "closed", why });
    else {
      setRefusal(refusalOf(why));
      setTried(undefined);
    }
  };
  // Whoever typed into what is over goes on by keys.
  const over = state.is === "closed" || refusal !== undefined;
  useEffect(() => {
    if (over) button.current?.focus();
  }, [over]);
  const open = tried && state.is === "open";
  return (
    <SpaceBetween size="s">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          connect();
        }}
      >
        <SpaceBetween direction="horizontal" size="s" alignItems="end">
          <FormField label="User">
            <Input
              value={typed}
              onChange={({ detail }) => setTyped(detail.value)}
              disabled={Boolean(open)}
              spellcheck={false}
              autoComplete={false}
            />
          </FormField>
          {/* Two buttons by their keys: one that became the other while it is pressed would send the form. */}
          {open ? (
            <Button key="end" ref={button} formAction="none" onClick={disconnect}>
              Disconnect
            </Button>
          ) : (
            <Button
              key="begin"
              ref={button}
              variant="primary"
              loading={Boolean(tried) && state.is === "connecting"}
            >
              {tried && state.is === "closed" ? "Connect again" : "Open a terminal"}
            </Button>
          )}
          {tried && (
            <Box padding={{ bottom: "xxs" }}>
              <Told state={state} />
            </Box>
          )}
        </SpaceBetween>
      </form>
      <Refused of={refusal} />
      {tried && (
        <Suspense fallback={<Spinner />}>
          <Screen
            key={tried.time}
            instance={instance}
            user={tried.user}
            onLeave={() => button.current?.focus()}
            onOpened={(whose) => setState({ is: "open", user: whose })}
            onClosed={close}
          />
        </Suspense>
      )}
      <Box color="text-body-secondary" variant="small">
        It needs no key and no open port, but the right to ssm:StartSession on the instance. Ctrl+C copies
        what is chosen, Ctrl+Shift+V pastes, Ctrl+Shift+. leaves the terminal by keys. What runs in it ends
        with the page.
      </Box>
    </SpaceBetween>
  );
}

function Told({ state }: { state: State }) {
  if (state.is === "connecting") return <StatusIndicator type="in-progress">Connecting</StatusIndicator>;
  if (state.is === "open") return <StatusIndicator type="success">You are {state.user}</StatusIndicator>;
  return <StatusIndicator type="stopped">{state.why}</StatusIndicator>;
}
