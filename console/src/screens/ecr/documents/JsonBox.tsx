import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { notify } from "../../../app/notices";
import { refusalOf } from "../../../aws/refusal";
import { Editor } from "../../../blocks/fields/Editor";
import { pretty } from "../../../blocks/formats/pretty";
import { Refused } from "../../../blocks/Refused";
import { useLive } from "../../../live/useLive";

interface Props {
  title: string;
  /** What there is without one. */
  without: string;
  /** What one begins with. */
  example: object;
  /** Names it among what is read. */
  id: string;
  /** Its text; rejects with `absent` where there is none. */
  read: () => Promise<string | undefined>;
  absent: string;
  save: (text: string) => Promise<unknown>;
  remove: () => Promise<unknown>;
}

/** A document of a repository: read, written, deleted. What is wrong with it ECR says. */
export function JsonBox({ title, without, example, id, read, absent, save, remove }: Props) {
  const [edited, setEdited] = useState<string>();
  const [busy, setBusy] = useState(false);
  const live = useLive(["ecr", id], async () => {
    try {
      return pretty((await read()) ?? "").text;
    } catch (error) {
      if (refusalOf(error).code === absent) return "";
      throw error;
    }
  });
  const run = async (what: string, change: () => Promise<unknown>) => {
    setBusy(true);
    try {
      await change();
      notify.success(`${title}: ${what}.`);
      setEdited(undefined);
      live.refresh();
    } catch (error) {
      notify.error(title, error);
    }
    setBusy(false);
  };
  const text = live.data ?? "";
  const begin = () => setEdited(text || JSON.stringify(example, null, 2));
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              {edited === undefined && text !== "" && (
                <Button loading={busy} onClick={() => void run("deleted", remove)}>
                  Delete
                </Button>
              )}
              {edited === undefined && (
                <Button disabled={live.loading} onClick={begin} ariaLabel={`Edit: ${title}`}>
                  {text ? "Edit" : "Write one"}
                </Button>
              )}
              {edited !== undefined && (
                <Button variant="link" onClick={() => setEdited(undefined)}>
                  Cancel
                </Button>
              )}
              {edited !== undefined && (
                <Button
                  variant="primary"
                  loading={busy}
                  onClick={() => void run("saved", () => save(edited))}
                >
                  Save
                </Button>
              )}
            </SpaceBetween>
          }
        >
          {title}
        </Header>
      }
    >
      <Refused of={live.data === undefined ? live.refusal : undefined} />
      {edited === undefined ? (
        text ? (
          <pre className="text">{text}</pre>
        ) : (
          <Box color="text-body-secondary">{live.loading ? "" : without}</Box>
        )
      ) : (
        <Editor value={edited} language="json" label={title} height={280} onChange={setEdited} />
      )}
    </Container>
  );
}
