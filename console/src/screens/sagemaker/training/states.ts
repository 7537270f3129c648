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
