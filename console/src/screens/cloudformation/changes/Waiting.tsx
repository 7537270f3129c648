import Alert from "@cloudscape-design/components/alert";
import { Fragment } from "react";
import { to } from "../../../app/links";
import { GoTo } from "../../../blocks/links/GoTo";
import { useChangeSets } from "./useChangeSets";

/** Says which change sets of a stack wait for somebody to execute them. */
export function Waiting({ stack }: { stack: string }) {
  const ready = (useChangeSets(stack).data ?? []).filter((set) => set.ExecutionStatus === "AVAILABLE");
  if (ready.length === 0) return null;
  return (
    <Alert type="info">
      Not executed yet:{" "}
      {ready.map(({ ChangeSetName = "" }, place) => (
        <Fragment key={ChangeSetName}>
          {place > 0 && ", "}
          <GoTo to={to("cloudformation", "stacks", stack, "change-sets", ChangeSetName)}>
            {ChangeSetName}
          </GoTo>
        </Fragment>
      ))}
      .
    </Alert>
  );
}
