import type { Instance } from "@aws-sdk/client-ec2";
import Box from "@cloudscape-design/components/box";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { stateOf, waysIn } from "./instance";

/** How one gets into a machine, to be copied into a terminal. */
export function Connect({ instance, user }: { instance: Instance; user: string }) {
  if (stateOf(instance) !== "running")
    return (
      <Box color="text-body-secondary">
        It is {stateOf(instance)}: only a machine that runs lets anybody in.
      </Box>
    );
  return (
    <SpaceBetween size="m">
      {waysIn(instance, user).map(({ title, command }) => (
        <div key={title}>
          <Box variant="awsui-key-label">{title}</Box>
          <SpaceBetween direction="horizontal" size="xs" alignItems="center">
            <CopyToClipboard
              variant="icon"
              copyButtonAriaLabel={`Copy: ${command}`}
              textToCopy={command}
              copySuccessText="Copied"
              copyErrorText="Could not be copied"
            />
            <pre className="text">{command}</pre>
          </SpaceBetween>
        </div>
      ))}
      <Box color="text-body-secondary" variant="small">
        SSH asks the security groups: a rule for port 22 has to let you in. Where the platform may not bind
        port 22 of the machine's address, its console output tells the other one.
      </Box>
    </SpaceBetween>
  );
}
