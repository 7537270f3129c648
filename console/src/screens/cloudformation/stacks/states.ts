/** Whether a stack or a change set goes on by itself. A stack in review waits for somebody to execute a change set. */
export const goesOn = (status: string | undefined): boolean =>
  status !== undefined && status !== "REVIEW_IN_PROGRESS" && /IN_PROGRESS$|PENDING$/.test(status);

/** Why a stack cannot be updated as it is now, if so; CloudFormation refuses it, too. */
export function whyNotUpdated(status: string | undefined): string | undefined {
  if (status === undefined) return "It is not known yet.";
  if (status === "REVIEW_IN_PROGRESS") return "It has made nothing yet: execute its change set.";
  if (goesOn(status)) return "It is being changed.";
  if (/^(ROLLBACK|CREATE_FAILED|DELETE|REVIEW)/.test(status))
    return "Its creation has failed, or it is gone: it can only be deleted.";
  return undefined;
}
