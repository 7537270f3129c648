import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";

/** A text to be copied as a whole, a command or a policy, below a line about it. */
export function CopyText({ text, about }: { text: string; about?: ReactNode }) {
  const button = (
    <CopyToClipboard
      variant="icon"
      copyButtonAriaLabel="Copy"
      textToCopy={text}
      copySuccessText="Copied"
      copyErrorText="Could not be copied"
    />
  );
  const content = <pre className="text">{text}</pre>;
  return (
    <div>
      <SpaceBetween direction="horizontal" size="xs" alignItems="center">
        {button}
        {about ?? content}
      </SpaceBetween>
      {about && content}
    </div>
  );
}
