import type { SecondaryStatusTransition } from "@aws-sdk/client-sagemaker";

/** Whether a job goes on: it costs, and it will change. */
export const runs = (status: string | undefined) => status === "InProgress" || status === "Stopping";

export interface Phase {
  status: string;
  message: string | undefined;
  began: Date;
  milliseconds: number;
  open: boolean;
}

/** The phases of a job with their lengths; the last one of a running job goes on until `now`. */
export function phasesOf(transitions: SecondaryStatusTransition[] | undefined, now: number): Phase[] {
  return (transitions ?? []).flatMap((transition) => {
    const { Status, StartTime, EndTime, StatusMessage } = transition;
    if (!StartTime || !Status) return [];
    const end = EndTime?.getTime() ?? now;
    return [
      {
        status: Status,
        message: StatusMessage,
        began: StartTime,
        milliseconds: Math.max(0, end - StartTime.getTime()),
        open: EndTime === undefined,
      },
    ];
  });
}

export interface Times {
  created: Date | undefined;
  started: Date | undefined;
  ended: Date | undefined;
}

/**
 * The phases of a job that tells no more than when it was created, when it started and when it ended.
 *
 * @param work what it does once it has started: `Processing`.
 * @param status its status now; an ended job's is its last phase.
 * @param why why it failed, if it did.
 */
export function phasesBetween(
  { created, started, ended }: Times,
  work: string,
  status: string | undefined,
  why: string | undefined,
  now: number,
): Phase[] {
  if (!created) return [];
  const end = ended?.getTime() ?? now;
  const phase = (name: string, began: Date, until: number, open: boolean): Phase => ({
    status: name,
    message: undefined,
    began,
    milliseconds: Math.max(0, until - began.getTime()),
    open,
  });
  const phases = [phase("Starting", created, started?.getTime() ?? end, !started && !ended)];
  if (started) phases.push(phase(work, started, end, !ended));
  if (ended && status) phases.push({ ...phase(status, ended, end, false), message: why });
  return phases;
}

/** How long a job has taken, or had taken when it ended; nothing where it is not known when it was created. */
export function tookMs(created: Date | undefined, ended: Date | undefined, now: number): number | undefined {
  return created && (ended?.getTime() ?? now) - created.getTime();
}
