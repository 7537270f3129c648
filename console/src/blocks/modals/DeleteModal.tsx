import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { type ReactNode, useState } from "react";
import { notify } from "../../app/notices";
import { type Refusal, refusalOf } from "../../aws/refusal";
import type { Words } from "../formats/words";
import { RefusalText } from "../Refused";

interface Props<T> {
  words: Words;
  items: T[];
  nameOf: (item: T) => string;
  remove: (item: T) => Promise<unknown>;
  /** What goes with it, and what stays. */
  consequence?: ReactNode;
  /** `Delete` where nothing else is said: `Terminate`, say. */
  verb?: string;
  /** Called at the end; `deleted` is false when somebody thought better of it. */
  onClose: (deleted: boolean) => void;
}

/** What has to be typed: the name of one thing, `delete 3 buckets` for several. */
export function asked(words: Words, names: string[], verb: string): string {
  return names.length === 1 ? (names[0] ?? "") : `${verb.toLowerCase()} ${names.length} ${words.many}`;
}

/** Deletes what was chosen, after its name has been typed; what could not be deleted says why and stays chosen. */
export function DeleteModal<T>({
  words,
  items,
  nameOf,
  remove,
  consequence,
  verb = "Delete",
  onClose,
}: Props<T>) {
  const [left, setLeft] = useState(items);
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [refusals, setRefusals] = useState(new Map<T, Refusal>());
  const wanted = asked(words, items.map(nameOf), verb);
  const title = `${verb} ${items.length === 1 ? words.one : `${items.length} ${words.many}`}`;

  const start = async () => {
    setBusy(true);
    const failed: T[] = [];
    const reasons = new Map<T, Refusal>();
    // One after another: AWS throttles, and a list that shrinks can be followed.
    for (const item of left) {
      try {
        await remove(item);
      } catch (error) {
        failed.push(item);
        reasons.set(item, refusalOf(error));
      }
    }
    setBusy(false);
    setLeft(failed);
    setRefusals(reasons);
    if (failed.length === 0) {
      notify.success(`${title}: ${items.length === 1 ? wanted : "done"}.`);
      onClose(true);
    }
  };

  return (
    <Modal
      visible
      header={title}
      onDismiss={() => onClose(left.length < items.length)}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={() => onClose(left.length < items.length)}>
              Cancel
            </Button>
            <Button variant="primary" disabled={typed !== wanted} loading={busy} onClick={() => void start()}>
              {refusals.size > 0 ? "Try again" : verb}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {consequence && <Alert type="warning">{consequence}</Alert>}
        <SpaceBetween size="xxs">
          {left.slice(0, 20).map((item) => {
            const refusal = refusals.get(item);
            // Two may have one name: their places tell them apart.
            return (
              <div key={items.indexOf(item)}>
                <Box variant="strong">{nameOf(item)}</Box>
                {refusal && (
                  <StatusIndicator type="error" wrapText>
                    <RefusalText of={refusal} />
                  </StatusIndicator>
                )}
              </div>
            );
          })}
          {left.length > 20 && <Box color="text-body-secondary">and {left.length - 20} more</Box>}
        </SpaceBetween>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (typed === wanted && !busy) void start();
          }}
        >
          <FormField
            label={
              <>
                To confirm, type <Box variant="code">{wanted}</Box>
              </>
            }
          >
            <Input
              value={typed}
              onChange={({ detail }) => setTyped(detail.value)}
              placeholder={wanted}
              autoFocus
              autoComplete={false}
              disabled={busy}
            />
          </FormField>
        </form>
      </SpaceBetween>
    </Modal>
  );
}
