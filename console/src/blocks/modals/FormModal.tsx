import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useState } from "react";
import { type Refusal, refusalOf } from "../../aws/refusal";
import { Refused } from "../Refused";

interface Props {
  title: string;
  /** What the button says. */
  verb: string;
  /** Whether enough is filled in. */
  ready: boolean;
  /** What is wrong AWS says: the form stays, with its words. */
  submit: () => Promise<unknown>;
  /** `done` is false when somebody thought better of it. */
  onClose: (done: boolean) => void;
  size?: "medium" | "large" | "max";
  children: ReactNode;
}

/** A form in front of the page. */
export function FormModal({ title, verb, ready, submit, onClose, size = "medium", children }: Props) {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal>();
  const start = async () => {
    setBusy(true);
    setRefusal(undefined);
    try {
      await submit();
    } catch (error) {
      setRefusal(refusalOf(error));
      setBusy(false);
      return;
    }
    onClose(true);
  };
  return (
    <Modal
      visible
      size={size}
      header={title}
      onDismiss={() => onClose(false)}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={() => onClose(false)}>
              Cancel
            </Button>
            <Button variant="primary" loading={busy} disabled={!ready} onClick={() => void start()}>
              {verb}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready && !busy) void start();
        }}
      >
        <SpaceBetween size="m">
          <Refused of={refusal} />
          {children}
          {/* Enter sends a form that has more than one field only if it has a button. */}
          <input type="submit" hidden />
        </SpaceBetween>
      </form>
    </Modal>
  );
}
