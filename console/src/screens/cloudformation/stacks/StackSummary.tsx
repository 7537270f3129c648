import type { Stack } from "@aws-sdk/client-cloudformation";
import Container from "@cloudscape-design/components/container";
import { Ago } from "../../../blocks/Ago";
import { Copyable } from "../../../blocks/Copyable";
import { KeyValues } from "../../../blocks/KeyValues";
import { RoleLink } from "../../../blocks/links/RoleLink";
import { Status } from "../../../blocks/Status";

/** What became of a stack, who it acts as, when it was changed. */
export function StackSummary({ stack }: { stack: Stack }) {
  return (
    <Container>
      <KeyValues
        of={{
          Status: <Status of={stack.StackStatus} />,
          Created: <Ago at={stack.CreationTime} />,
          Changed: <Ago at={stack.LastUpdatedTime} />,
          ...(stack.StackStatusReason ? { Why: stack.StackStatusReason } : {}),
          Description: stack.Description ?? "–",
          Role: stack.RoleARN ? <RoleLink arn={stack.RoleARN} /> : "whoever changes it",
          "Deletion protection": stack.EnableTerminationProtection ? "on" : "off",
          ID: <Copyable text={stack.StackId} />,
        }}
      />
    </Container>
  );
}
