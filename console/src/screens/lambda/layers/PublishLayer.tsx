import { PublishLayerVersionCommand, type Runtime } from "@aws-sdk/client-lambda";
import FileUpload from "@cloudscape-design/components/file-upload";
import FormField from "@cloudscape-design/components/form-field";
import Multiselect from "@cloudscape-design/components/multiselect";
import { useState } from "react";
import { TextField } from "../../../blocks/fields/TextField";
import { bytes } from "../../../blocks/formats/amounts";
import { FormModal } from "../../../blocks/modals/FormModal";
import { ONE_FILE } from "../../../blocks/upload";
import { lambda } from "../client";
import { RUNTIMES } from "../functions/runtimes";
import { MOST_ARCHIVE } from "./layer";

interface Props {
  /** Given where a layer that is there gets a new version. */
  layer?: string;
  /** Nothing when somebody thought better of it. */
  onClose: (name: string | undefined) => void;
}

/** A new version of a layer; the first makes the layer. */
export function PublishLayer({ layer, onClose }: Props) {
  const [name, setName] = useState(layer ?? "");
  const [about, setAbout] = useState("");
  const [files, setFiles] = useState<File[]>([]);
  const [runtimes, setRuntimes] = useState<string[]>([]);
  const [file] = files;
  const tooLarge = file !== undefined && file.size > MOST_ARCHIVE;
  const publish = async () => {
    if (!file) return;
    await lambda().send(
      new PublishLayerVersionCommand({
        LayerName: name,
        Content: { ZipFile: new Uint8Array(await file.arrayBuffer()) },
        ...(about ? { Description: about } : {}),
        ...(runtimes.length > 0 ? { CompatibleRuntimes: runtimes as Runtime[] } : {}),
      }),
    );
  };
  return (
    <FormModal
      title={layer ? `A new version of ${layer}` : "Publish layer"}
      verb="Publish"
      ready={name !== "" && file !== undefined && !tooLarge}
      submit={publish}
      onClose={(done) => onClose(done ? name : undefined)}
    >
      {!layer && <TextField label="Name" value={name} onChange={setName} first />}
      <FormField
        label="Archive (ZIP)"
        description="What lies in it is at /opt; Python finds packages in python/."
        errorText={tooLarge ? `${bytes(file.size)}: ${bytes(MOST_ARCHIVE)} is the most in a request.` : ""}
      >
        <FileUpload
          value={files}
          onChange={({ detail }) => setFiles(detail.value)}
          accept=".zip"
          showFileSize
          i18nStrings={ONE_FILE}
        />
      </FormField>
      <FormField label="Runtimes" description="Those that it is for; none means any.">
        <Multiselect
          selectedOptions={runtimes.map((value) => ({ value }))}
          options={RUNTIMES.map((value) => ({ value }))}
          onChange={({ detail }) => setRuntimes(detail.selectedOptions.map(({ value = "" }) => value))}
          placeholder="any"
        />
      </FormField>
      <TextField label="Description" value={about} onChange={setAbout} />
    </FormModal>
  );
}
