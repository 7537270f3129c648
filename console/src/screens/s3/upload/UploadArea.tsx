import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type DragEvent, useRef } from "react";
import { bytes } from "../../../blocks/amounts";
import { DropArea } from "../../../blocks/DropArea";
import { RefusalText } from "../../../blocks/Refused";
import { filesOf, keysOf } from "./names";
import { type Progress, useUploads } from "./useUploads";

interface Props {
  bucket: string;
  prefix: string;
  onUploaded: () => void;
  onClose: () => void;
}

/** Where files and whole folders are dropped. */
export function UploadArea({ bucket, prefix, onUploaded, onClose }: Props) {
  const { progress, start, stop } = useUploads(bucket, onUploaded);
  const folder = useRef<HTMLInputElement>(null);

  // Folders are entries, not files: they are read here, before the area's own handler sees nothing but their names.
  const drop = (event: DragEvent) => {
    event.preventDefault();
    event.stopPropagation();
    const entries = [...event.dataTransfer.items]
      .map((item) => item.webkitGetAsEntry())
      .filter((entry) => entry !== null);
    void filesOf(entries, prefix).then(start);
  };

  return (
    <Container>
      <SpaceBetween size="s">
        <div onDropCapture={drop}>
          <DropArea
            label="Drop files or folders here"
            hint={`They become s3://${bucket}/${prefix}…`}
            multiple
            disabled={progress.running}
            onFiles={(files) => void start(keysOf(files, prefix))}
          />
        </div>
        <input
          ref={folder}
          type="file"
          hidden
          multiple
          aria-label="Choose a folder"
          {...{ webkitdirectory: "" }}
          onChange={({ currentTarget }) => void start(keysOf([...(currentTarget.files ?? [])], prefix))}
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
  return (
    <SpaceBetween size="xs">
      <ProgressBar
        label={running ? "Uploading" : failures.length > 0 ? "Some were refused" : "Uploaded"}
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
