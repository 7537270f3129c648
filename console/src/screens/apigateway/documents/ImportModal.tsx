import { ImportRestApiCommand, PutRestApiCommand } from "@aws-sdk/client-api-gateway";
import FileUpload from "@cloudscape-design/components/file-upload";
import FormField from "@cloudscape-design/components/form-field";
import Textarea from "@cloudscape-design/components/textarea";
import { useRef, useState } from "react";
import { Choice } from "../../../blocks/fields/Choice";
import { FormModal } from "../../../blocks/modals/FormModal";
import { ONE_FILE } from "../../../blocks/upload";
import { gateway } from "../client";

/** What is read into the page: AWS's own bound of a document. */
const MOST_BYTES = 6_000_000;

const MODES = [
  { value: "merge", label: "Merge: what it names is changed, all else stays" },
  { value: "overwrite", label: "Overwrite: what it does not name goes" },
];

interface Props {
  /** Absent where a new API is made. */
  api?: string;
  /** The API's id; nothing when somebody thought better of it. */
  onClose: (id: string | undefined) => void;
}

/** Makes an API of an OpenAPI document, or changes one by it. */
export function ImportModal({ api, onClose }: Props) {
  const [text, setText] = useState("");
  const [mode, setMode] = useState("merge");
  const [files, setFiles] = useState<File[]>([]);
  const made = useRef(api);
  const submit = async () => {
    const body = new TextEncoder().encode(text);
    const answer = api
      ? await gateway().send(new PutRestApiCommand({ restApiId: api, mode: mode as never, body }))
      : await gateway().send(
          new ImportRestApiCommand({ body, parameters: { endpointConfigurationTypes: "REGIONAL" } }),
        );
    made.current = answer.id;
  };
  return (
    <FormModal
      title={api ? "Import an OpenAPI document into this API" : "An API of an OpenAPI document"}
      verb="Import"
      size="large"
      ready={text.trim() !== ""}
      submit={submit}
      onClose={(done) => onClose(done ? made.current : undefined)}
    >
      {api && <Choice label="What is there" value={mode} options={MODES} onChange={setMode} />}
      <FileUpload
        value={files}
        onChange={({ detail }) => {
          const [file] = detail.value;
          setFiles(detail.value);
          if (file) void file.slice(0, MOST_BYTES).text().then(setText);
        }}
        accept=".json,.yaml,.yml"
        i18nStrings={ONE_FILE}
      />
      <FormField label="OpenAPI 2.0 or 3.0, as JSON or YAML" stretch>
        <Textarea
          value={text}
          onChange={({ detail }) => setText(detail.value)}
          rows={12}
          spellcheck={false}
          placeholder={'{"openapi": "3.0.1", "info": {"title": "sums", "version": "1"}, "paths": {}}'}
        />
      </FormField>
    </FormModal>
  );
}
