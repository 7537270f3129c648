import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useEffect, useState } from "react";
import { refusalOf } from "../../../aws/refusal";
import { LogView } from "../../../blocks/log/LogView";
import type { Log } from "../../../blocks/log/useLog";
import { PatternField } from "./PatternField";
import { tail } from "./unseen";

const MOST = 10_000;
const NOTHING: Log = { lines: [], refusal: undefined, cut: false };

/** What all streams of a group say from now on. */
export function Tail({ group }: { group: string }) {
  const [pattern, setPattern] = useState("");
  const [running, setRunning] = useState<{ pattern: string }>();
  const [log, setLog] = useState<Log>(NOTHING);
  useEffect(() => {
    if (!running) return;
    const controller = new AbortController();
    void tail(
      group,
      running.pattern,
      controller.signal,
      (lines) =>
        setLog((before) => {
          const all = before.lines.concat(lines);
          return { lines: all.slice(-MOST), refusal: undefined, cut: before.cut || all.length > MOST };
        }),
      (error) => setLog((before) => ({ ...before, refusal: refusalOf(error) })),
    );
    return () => controller.abort();
  }, [group, running]);
  return (
    <SpaceBetween size="m">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setLog(NOTHING);
          setRunning({ pattern });
        }}
      >
        <SpaceBetween direction="horizontal" size="s" alignItems="end">
          <PatternField pattern={pattern} onChange={setPattern} />
          <Button variant="primary">{running ? "Start anew" : "Start"}</Button>
          <Button formAction="none" disabled={!running} onClick={() => setRunning(undefined)}>
            Stop
          </Button>
          <Button formAction="none" onClick={() => setLog(NOTHING)}>
            Clear
          </Button>
          {running && <StatusIndicator type="in-progress">following</StatusIndicator>}
        </SpaceBetween>
      </form>
      <LogView
        log={log}
        empty={running ? "Nothing has been said since." : "Start, and what is said appears here."}
      />
    </SpaceBetween>
  );
}
