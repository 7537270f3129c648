import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import { useState } from "react";
import { Pairs, type Rows } from "../fields/Pairs";
import { KeyValues } from "../KeyValues";
import { FormModal } from "../modals/FormModal";
import { changesOf, type Tag, type Tags, tagsOf } from "./tags";

interface Props {
  tags: Tags;
  put: (tags: Required<Tag>[]) => Promise<unknown>;
  remove: (keys: string[]) => Promise<unknown>;
  onChanged: () => void;
}

/** The tags of something: seen and changed. Policies may ask for them. */
export function TagsBox({ tags, put, remove, onChanged }: Props) {
  const [rows, setRows] = useState<Rows>();
  const save = async () => {
    const changes = changesOf(tags, tagsOf(rows ?? []));
    // What goes goes first: an account's tags are counted.
    if (changes.gone.length > 0) await remove(changes.gone);
    if (changes.put.length > 0) await put(changes.put as Required<Tag>[]);
  };
  const count = Object.keys(tags).length;
  return (
    <Container
      header={
        <Header
          variant="h2"
          counter={`(${count})`}
          actions={<Button onClick={() => setRows(Object.entries(tags))}>Edit tags</Button>}
        >
          Tags
        </Header>
      }
    >
      {count > 0 ? (
        <KeyValues columns={4} of={tags} />
      ) : (
        <Box color="text-body-secondary">It has none. Policies may ask for them: aws:ResourceTag/team.</Box>
      )}
      {rows && (
        <FormModal
          title="Tags"
          verb="Save"
          ready
          submit={save}
          onClose={(done) => {
            setRows(undefined);
            if (done) onChanged();
          }}
        >
          <Pairs
            label="Tags"
            columns={["Key", "Value"]}
            rows={rows}
            first=""
            onChange={setRows}
            placeholders={["team", "vision"]}
          />
        </FormModal>
      )}
    </Container>
  );
}
