import type { Instance } from "@aws-sdk/client-ec2";
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { CopyText } from "../../../blocks/CopyText";
import { TerminalBox } from "../terminal/TerminalBox";
import { idOf, stateOf, waysIn } from "./instance";

/** How one gets into a machine, to be copied into a terminal. */
export function Connect({ instance, user }: { instance: Instance; user: string }) {
  if (stateOf(instance) !== "running")
    return (
      <Box color="text-body-secondary">
        It is {stateOf(instance)}: only a machine that runs lets anybody in.
      </Box>
    );
  return (
    <SpaceBetween size="l">
      <TerminalBox instance={idOf(instance)} user={user} />
      <Box variant="h3">From a terminal of yours</Box>
      {waysIn(instance, user).map(({ title, command }) => (
        <CopyText key={title} text={command} about={<Box variant="awsui-key-label">{title}</Box>} />
      ))}
      <Box color="text-body-secondary" variant="small">
        SSH asks the security groups: a rule for port 22 has to let you in. Where the platform may not bind
        port 22 of the machine's address, its console output tells the other one.
      </Box>
    </SpaceBetween>
  );
}
