import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { type Refusal, refusalOf } from "../aws/refusal";
import { Refused } from "./Refused";

interface Props {
  title: string;
  label: string;
  hint?: string;
  /** What the button says. */
  verb?: string;
  create: (name: string) => Promise<unknown>;
  /** The name of what was made; nothing when somebody thought better of it. */
  onClose: (name: string | undefined) => void;
}

/** Makes something that needs nothing but a name. What is wrong with the name AWS says. */
export function CreateModal({ title, label, hint, verb = "Create", create, onClose }: Props) {
  const [name, setName] = useState("");
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal>();
  const start = async () => {
    setBusy(true);
    setRefusal(undefined);
    try {
      await create(name);
      onClose(name);
    } catch (error) {
      setRefusal(refusalOf(error));
      setBusy(false);
    }
  };
  return (
    <Modal
      visible
      header={title}
      onDismiss={() => onClose(undefined)}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={() => onClose(undefined)}>
              Cancel
            </Button>
            <Button variant="primary" loading={busy} disabled={!name} onClick={() => void start()}>
              {verb}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name && !busy) void start();
        }}
      >
        <SpaceBetween size="m">
          <Refused of={refusal} />
          <FormField label={label} constraintText={hint}>
            <Input
              value={name}
              onChange={({ detail }) => setName(detail.value)}
              autoFocus
              spellcheck={false}
            />
          </FormField>
        </SpaceBetween>
      </form>
    </Modal>
  );
}
