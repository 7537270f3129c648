import Alert from "@cloudscape-design/components/alert";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { Editor } from "../../../blocks/fields/Editor";
import { faultsOf, type Kind } from "./document";

interface Props {
  kind: Kind;
  value: string;
  onChange: (text: string) => void;
  label: string;
  height?: number;
}

/** Writes a policy, and says below it what IAM would not take. */
export function DocumentEditor({ kind, value, onChange, label, height = 300 }: Props) {
  const faults = faultsOf(value, kind);
  return (
    <SpaceBetween size="s">
      <Editor value={value} language="json" label={label} height={height} onChange={onChange} />
      {faults.length === 0 ? (
        <StatusIndicator type="success">A policy by IAM's grammar</StatusIndicator>
      ) : (
        <Alert type="error">
          {faults.slice(0, 8).map((fault) => (
            <div key={fault}>{fault}</div>
          ))}
        </Alert>
      )}
    </SpaceBetween>
  );
}
