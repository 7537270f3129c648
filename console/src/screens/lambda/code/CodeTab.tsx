import { UpdateFunctionCodeCommand } from "@aws-sdk/client-lambda";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { notify } from "../../../app/notices";
import { DropArea } from "../../../blocks/fields/DropArea";
import { Editor } from "../../../blocks/fields/Editor";
import { bytes } from "../../../blocks/formats/amounts";
import { useLive } from "../../../live/useLive";
import { lambda } from "../client";
import { languageOf, mainOf, zipped } from "./archive";
import { readPackage } from "./package";

interface Props {
  name: string;
  handler: string | undefined;
  sha256: string | undefined;
  onSaved: () => void;
}

interface Edits {
  of: string;
  texts: Record<string, string>;
}

/** Most of a file that is edited here. */
const MOST_EDITED = 512 * 1024;

/** A function's files, shown and changed one by one, or replaced by another package. */
export function CodeTab({ name, handler, sha256, onSaved }: Props) {
  const live = useLive(["lambda", `code ${name}`, sha256], (signal) => readPackage(name, signal), {
    keep: true,
  });
  const [chosen, setChosen] = useState<string>();
  // Edits are of one package: those of an earlier one fall away when the next is there.
  const [edited, setEdited] = useState<Edits>({ of: "", texts: {} });
  const [busy, setBusy] = useState(false);
  const files = live.data?.files ?? {};
  const shown = live.data?.sha256 ?? "";
  const edits = edited.of === shown ? edited.texts : {};
  const paths = Object.keys(files).toSorted();
  const path = chosen !== undefined && paths.includes(chosen) ? chosen : mainOf(paths, handler);
  const content = path === undefined ? undefined : files[path];
  const changed = Object.keys(edits);

  const save = async (ZipFile: Uint8Array) => {
    setBusy(true);
    try {
      await lambda().send(new UpdateFunctionCodeCommand({ FunctionName: name, ZipFile }));
      notify.success(`${name} has its new code.`);
    } catch (error) {
      notify.error(`Save the code of ${name}`, error);
    }
    setBusy(false);
    live.refresh();
    onSaved();
  };
  const saveEdits = () => {
    const written = Object.entries(edits).map(([file, text]) => [file, new TextEncoder().encode(text)]);
    return save(zipped({ ...files, ...Object.fromEntries(written) }));
  };

  return (
    <SpaceBetween size="m">
      <Header
        variant="h3"
        description={
          changed.length > 0
            ? `Not saved: ${changed.join(", ")}`
            : paths.length === 1
              ? "1 file"
              : `${paths.length} files`
        }
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={changed.length === 0} onClick={() => setEdited({ of: "", texts: {} })}>
              Undo
            </Button>
            <Button
              variant="primary"
              disabled={changed.length === 0}
              loading={busy}
              onClick={() => void saveEdits()}
            >
              Save
            </Button>
          </SpaceBetween>
        }
      >
        Code
      </Header>
      {live.refusal && <Alert type="info">{live.refusal.message}</Alert>}
      {paths.length > 1 && path !== undefined && (
        <Select
          ariaLabel="File"
          selectedOption={{ value: path, label: path }}
          options={paths.map((value) => ({
            value,
            label: value,
            description: value in edits ? "changed" : bytes(files[value]?.length),
          }))}
          onChange={({ detail }) => setChosen(detail.selectedOption.value)}
          filteringType="auto"
        />
      )}
      {path !== undefined && content !== undefined && (
        <FileView
          key={path}
          path={path}
          content={content}
          edited={edits[path]}
          onChange={(text) => setEdited({ of: shown, texts: { ...edits, [path]: text } })}
        />
      )}
      <DropArea
        label="Drop a .zip here"
        hint="It replaces the whole package"
        accept=".zip,application/zip"
        disabled={busy}
        onFiles={([file]) => {
          if (file) void file.arrayBuffer().then((archive) => save(new Uint8Array(archive)));
        }}
      />
    </SpaceBetween>
  );
}

interface FileProps {
  path: string;
  content: Uint8Array;
  edited: string | undefined;
  onChange: (text: string) => void;
}

function FileView({ path, content, edited, onChange }: FileProps) {
  if (content.length > MOST_EDITED || content.subarray(0, 4096).includes(0))
    return <Box color="text-body-secondary">{bytes(content.length)} that are no text for an editor.</Box>;
  const text = edited ?? new TextDecoder().decode(content);
  return (
    <Editor
      value={text}
      language={languageOf(path)}
      label={path}
      onChange={(value) => {
        if (value !== text) onChange(value);
      }}
    />
  );
}
