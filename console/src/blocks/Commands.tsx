import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { boto3Of } from "../equivalents/boto3";
import { cliOf } from "../equivalents/cli";

interface Props {
  client: string;
  operation: string;
  input: Record<string, unknown>;
}

/** One call as one would type it, in both languages. */
export function Commands({ client, operation, input }: Props) {
  return (
    <ExpandableSection headerText="As aws CLI and boto3">
      <SpaceBetween size="s">
        {[cliOf(client, operation, input), boto3Of(client, operation, input)].map((text) => (
          <SpaceBetween key={text} direction="horizontal" size="xs">
            <CopyToClipboard
              variant="icon"
              copyButtonAriaLabel="Copy"
              textToCopy={text}
              copySuccessText="Copied"
              copyErrorText="Could not be copied"
            />
            <pre className="text">{text}</pre>
          </SpaceBetween>
        ))}
      </SpaceBetween>
    </ExpandableSection>
  );
}
