import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useState } from "react";
import { notify } from "../../../app/notices";
import { DocumentEditor } from "./DocumentEditor";
import { faultsOf, type Kind } from "./document";

interface Props {
  title: string;
  description?: ReactNode;
  kind: Kind;
  text: string;
  /** Absent where it cannot be changed: AWS's own policies. */
  save?: ((text: string) => Promise<unknown>) | undefined;
}

/** A policy document: read, and changed. */
export function DocumentBox({ title, description, kind, text, save }: Props) {
  const [edited, setEdited] = useState<string>();
  const [busy, setBusy] = useState(false);
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
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={description}
          actions={
            save &&
            (edited === undefined ? (
              <Button onClick={() => setEdited(text)} ariaLabel={`Edit: ${title}`}>
                Edit
              </Button>
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
        <pre className="text">{text}</pre>
      ) : (
        <DocumentEditor kind={kind} value={edited} onChange={setEdited} label={title} />
      )}
    </Container>
  );
}
