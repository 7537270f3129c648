import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type DragEvent, useRef } from "react";
import { notify } from "../../../app/notices";
import { DropArea } from "../../../blocks/fields/DropArea";
import { bytes } from "../../../blocks/formats/amounts";
import { RefusalText } from "../../../blocks/Refused";
import { type Chosen, filesOf, keysOf, MOST_FILES } from "./names";
import { type Progress, useUploads } from "./useUploads";

interface Props {
  bucket: string;
  prefix: string;
  /** The area has to stay from now on, whatever is in the folder: what is being sent ends with it. */
  onBegin: () => void;
  onUploaded: () => void;
  onClose: () => void;
}

/** Where files and whole folders are dropped. */
export function UploadArea({ bucket, prefix, onBegin, onUploaded, onClose }: Props) {
  const { progress, start, stop } = useUploads(bucket, onUploaded);
  const folder = useRef<HTMLInputElement>(null);

  const send = (chosen: Chosen[]) => {
    if (chosen.length === 0) return;
    if (chosen.length >= MOST_FILES)
      notify.info(`The first ${MOST_FILES} files are sent; more go by aws s3 cp --recursive.`);
    onBegin();
    void start(chosen);
  };
  // Folders are entries, not files: they are read here, before the area's own handler sees nothing but their names.
  const drop = ({ dataTransfer }: DragEvent) => {
    if (progress.running) return;
    const entries = [...dataTransfer.items]
      .map((item) => item.webkitGetAsEntry())
      .filter((entry) => entry !== null);
    if (entries.length === 0) send(keysOf([...dataTransfer.files], prefix));
    else
      filesOf(entries, prefix).then(send, (error: unknown) => notify.error("Read what was dropped", error));
  };

  return (
    <Container>
      <SpaceBetween size="s">
        <DropArea
          label="Drop files or folders here"
          hint={`They become s3://${bucket}/${prefix}…`}
          multiple
          disabled={progress.running}
          onFiles={(files) => send(keysOf(files, prefix))}
          onDropped={drop}
        />
        <input
          ref={folder}
          type="file"
          hidden
          multiple
          aria-label="Choose a folder"
          {...{ webkitdirectory: "" }}
          onChange={({ currentTarget }) => {
            send(keysOf([...(currentTarget.files ?? [])], prefix));
            currentTarget.value = ""; // so that the same folder can be chosen again
          }}
        />
        <SpaceBetween direction="horizontal" size="xs">
          <Button onClick={() => folder.current?.click()} disabled={progress.running}>
            Choose a folder
          </Button>
          {progress.running ? (
            <Button onClick={stop}>Stop</Button>
          ) : (
            <Button variant="link" onClick={onClose}>
              Close
            </Button>
          )}
        </SpaceBetween>
        {progress.files > 0 && <Sent progress={progress} />}
      </SpaceBetween>
    </Container>
  );
}

function Sent({ progress }: { progress: Progress }) {
  const { files, done, bytes: whole, sent, failures, running } = progress;
  const end = failures.length > 0 ? "Some were refused" : done < files ? "Stopped" : "Uploaded";
  return (
    <SpaceBetween size="xs">
      <ProgressBar
        label={running ? "Uploading" : end}
        value={whole > 0 ? (sent / whole) * 100 : (done / files) * 100}
        description={`${done} of ${files} files, ${bytes(Math.min(sent, whole))} of ${bytes(whole)}`}
      />
      {failures.slice(0, 5).map(({ key, refusal }) => (
        <Alert key={key} type="error" header={key}>
          <RefusalText of={refusal} />
        </Alert>
      ))}
      {failures.length > 5 && <Box>and {failures.length - 5} more were refused</Box>}
    </SpaceBetween>
  );
}
