import { type ChangeSetSummary, paginateListChangeSets } from "@aws-sdk/client-cloudformation";
import { collect } from "../../../aws/collect";
import { type Live, useLive } from "../../../live/useLive";
import { cloudformation } from "../client";
import { goesOn } from "../stacks/states";

/** A stack's change sets. */
export const useChangeSets = (stack: string): Live<ChangeSetSummary[]> =>
  useLive(
    ["cloudformation", `stack ${stack}`, "change sets"],
    () =>
      collect(
        paginateListChangeSets({ client: cloudformation() }, { StackName: stack }),
        (page) => page.Summaries,
      ),
    { changing: (sets) => sets.some((set) => goesOn(set.Status)) },
  );
