import Box from "@cloudscape-design/components/box";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import { useEffect, useMemo, useRef, useState } from "react";
import { remember, remembered } from "../../app/remembered";
import { Refused } from "../Refused";
import type { Log } from "./useLog";

/** Lines that are put into the page; a search goes over all. */
const SHOWN = 2_000;

const clock = (at: number) => new Date(at).toLocaleTimeString(undefined, { hour12: false });

/** A log that follows its end until somebody scrolls up, with a search; `untimed` where its lines have no times. */
export function LogView({ log, empty, untimed = false }: { log: Log; empty: string; untimed?: boolean }) {
  const [search, setSearch] = useState("");
  const [times, setTimes] = useState(() => remembered("log.times", true));
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);

  const found = useMemo(() => {
    const wanted = search.toLowerCase();
    return wanted ? log.lines.filter((line) => line.text.toLowerCase().includes(wanted)) : log.lines;
  }, [log.lines, search]);
  const shown = found.slice(-SHOWN);

  useEffect(() => {
    const element = box.current;
    if (element && atEnd.current && shown.length > 0) element.scrollTop = element.scrollHeight;
  }, [shown]);

  return (
    <SpaceBetween size="xs">
      <SpaceBetween direction="horizontal" size="m" alignItems="center">
        <Input
          type="search"
          value={search}
          onChange={({ detail }) => setSearch(detail.value)}
          placeholder="Find in the log"
          ariaLabel="Find in the log"
        />
        {!untimed && (
          <Toggle
            checked={times}
            onChange={({ detail }) => {
              setTimes(detail.checked);
              remember("log.times", detail.checked);
            }}
          >
            Times
          </Toggle>
        )}
        <Box color="text-body-secondary" variant="small">
          {found.length > shown.length ? `last ${shown.length} of ` : ""}
          {found.length} lines{log.cut ? ", the oldest were let go" : ""}
        </Box>
      </SpaceBetween>
      <Refused of={log.refusal} />
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it by keys
        tabIndex={0}
        className="log"
        ref={box}
        aria-label="Log"
        onScroll={({ currentTarget: element }) => {
          atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 40;
        }}
      >
        {shown.length === 0 && <span className="time">{search ? "Nothing is found." : empty}</span>}
        {shown.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no name but their place
          <div key={index} className={/error|exception|traceback/i.test(line.text) ? "bad" : undefined}>
            {times && !untimed && <span className="time">{clock(line.at)} </span>}
            {line.text}
          </div>
        ))}
      </section>
    </SpaceBetween>
  );
}
