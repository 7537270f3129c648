import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useState } from "react";
import { notify } from "../../../app/notices";
import { DeleteModal } from "../../../blocks/modals/DeleteModal";
import { DocumentEditor } from "./DocumentEditor";
import { faultsOf, type Kind } from "./document";

interface Props {
  title: string;
  description?: ReactNode;
  kind: Kind;
  text: string;
  /** Absent where it cannot be changed: AWS's own policies. */
  save?: ((text: string) => Promise<unknown>) | undefined;
  /** Takes it away, where that can be done. */
  remove?: (() => Promise<unknown>) | undefined;
  /** What is said where there is none, and what a new one begins as. */
  none?: { hint: string; example: string };
}

/** A policy document: read, and changed. */
export function DocumentBox({ title, description, kind, text, save, remove, none }: Props) {
  const [edited, setEdited] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [removing, setRemoving] = useState(false);
  const submit = async () => {
    setBusy(true);
    try {
      await save?.(edited ?? text);
      notify.success(`${title}: saved.`);
      setEdited(undefined);
    } catch (error) {
      notify.error(`Save: ${title}`, error);
    }
    setBusy(false);
  };
  // What a button says is a part of what it is called: who speaks to the page says what it reads.
  const verb = text ? "Edit" : "Write one";
  const begin = () => setEdited(text || (none?.example ?? ""));
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={description}
          actions={
            save &&
            (edited === undefined ? (
              <SpaceBetween direction="horizontal" size="xs">
                {remove && text && (
                  <Button onClick={() => setRemoving(true)} ariaLabel={`Delete: ${title}`}>
                    Delete
                  </Button>
                )}
                <Button onClick={begin} ariaLabel={`${verb}: ${title}`}>
                  {verb}
                </Button>
              </SpaceBetween>
            ) : (
              <SpaceBetween direction="horizontal" size="xs">
                <Button variant="link" onClick={() => setEdited(undefined)}>
                  Cancel
                </Button>
                <Button
                  variant="primary"
                  loading={busy}
                  disabled={faultsOf(edited, kind).length > 0}
                  onClick={() => void submit()}
                >
                  Save
                </Button>
              </SpaceBetween>
            ))
          }
        >
          {title}
        </Header>
      }
    >
      {edited === undefined ? (
        text || !none ? (
          <pre className="text">{text}</pre>
        ) : (
          <Box color="text-body-secondary">{none.hint}</Box>
        )
      ) : (
        <DocumentEditor kind={kind} value={edited} onChange={setEdited} label={title} />
      )}
      {removing && remove && (
        <DeleteModal
          words={{ one: "policy", many: "policies" }}
          items={[title]}
          nameOf={(item) => item}
          remove={remove}
          onClose={() => setRemoving(false)}
        />
      )}
    </Container>
  );
}
