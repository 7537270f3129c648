import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import { Breaking } from "./Breaking";

/** A text that people copy: an ARN, an address. */
export function Copyable({ text }: { text: string | undefined }) {
  if (!text) return <>–</>;
  return (
    <CopyToClipboard
      variant="inline"
      copyButtonAriaLabel="Copy"
      textToCopy={text}
      textToDisplay={<Breaking text={text} />}
      copySuccessText="Copied"
      copyErrorText="Could not be copied"
    />
  );
}
