import { DescribeStacksCommand, type Stack } from "@aws-sdk/client-cloudformation";
import { type Live, useLive } from "../../../live/useLive";
import { cloudformation } from "../client";
import { goesOn } from "./states";

/** The stack of a name, or of an id, which a deleted one keeps. */
export const useStack = (name: string): Live<Stack | undefined> =>
  useLive(
    ["cloudformation", `stack ${name}`],
    async () => (await cloudformation().send(new DescribeStacksCommand({ StackName: name }))).Stacks?.[0],
    { changing: (stack) => goesOn(stack?.StackStatus) },
  );
