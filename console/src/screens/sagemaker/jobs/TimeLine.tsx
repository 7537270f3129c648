import Box from "@cloudscape-design/components/box";
import Popover from "@cloudscape-design/components/popover";
import { duration, moment } from "../../../blocks/formats/amounts";
import { inWords, kindOf } from "../../../blocks/Status";
import type { Phase } from "./states";

/** A phase that took no time is still to be seen: at least this share of the line. */
const LEAST = 0.06;

/** Shares of a line that are as long as the phases took, but for those that would be too short to be seen. */
export function sharesOf(phases: Phase[]): number[] {
  const whole = phases.reduce((sum, phase) => sum + phase.milliseconds, 0) || 1;
  const shares = phases.map((phase) => Math.max(LEAST, phase.milliseconds / whole));
  const sum = shares.reduce((total, share) => total + share, 0) || 1;
  return shares.map((share) => share / sum);
}

/** Where a job's time went, phase by phase. */
export function TimeLine({ phases }: { phases: Phase[] }) {
  const shares = sharesOf(phases);
  if (phases.length === 0) return null;
  return (
    <ol className="timeline" aria-label="Phases of the job">
      {phases.map((phase, index) => (
        <li
          key={`${phase.status} ${phase.began.getTime()}`}
          className={phase.open ? "open" : kindOf(phase.status) === "error" ? "bad" : undefined}
          style={{ flexGrow: (shares[index] ?? 0) * 1000 }}
        >
          <Popover
            triggerType="text-inline"
            header={inWords(phase.status)}
            content={
              <>
                {phase.message && <div>{phase.message}</div>}
                <Box variant="small">
                  since {moment(phase.began)}, {duration(phase.milliseconds)}
                </Box>
              </>
            }
          >
            {inWords(phase.status)}
          </Popover>
          <Box variant="small" color="text-body-secondary">
            {duration(phase.milliseconds)}
          </Box>
        </li>
      ))}
    </ol>
  );
}
