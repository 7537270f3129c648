import ExpandableSection from "@cloudscape-design/components/expandable-section";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { boto3Of } from "../equivalents/boto3";
import { cliOf } from "../equivalents/cli";
import { CopyText } from "./CopyText";

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
          <CopyText key={text} text={text} />
        ))}
      </SpaceBetween>
    </ExpandableSection>
  );
}
