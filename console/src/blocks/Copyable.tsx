import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";

/** A text that people copy: an ARN, an address. */
export function Copyable({ text }: { text: string | undefined }) {
  if (!text) return <>–</>;
  return (
    <CopyToClipboard
      variant="inline"
      copyButtonAriaLabel="Copy"
      textToCopy={text}
      copySuccessText="Copied"
      copyErrorText="Could not be copied"
    />
  );
}
