import {
  CreateModelCommand,
  DeleteModelCommand,
  type Model,
  paginateGetModels,
  UpdateModelCommand,
} from "@aws-sdk/client-api-gateway";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import { useState } from "react";
import { collect } from "../../../aws/collect";
import { Editor } from "../../../blocks/fields/Editor";
import { TextField } from "../../../blocks/fields/TextField";
import { pretty } from "../../../blocks/formats/pretty";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { FormModal } from "../../../blocks/modals/FormModal";
import { useLive } from "../../../live/useLive";
import { gateway } from "../client";

const nameOf = (model: Model) => model.name ?? "";

const columns: Column<Model>[] = [
  { id: "name", header: "Name", value: nameOf, width: 220 },
  { id: "kind", header: "Content type", value: (model) => model.contentType, width: 200 },
  {
    id: "schema",
    header: "Schema",
    value: (model) => model.schema?.replace(/\s+/g, " "),
    width: 460,
  },
  { id: "description", header: "Description", value: (model) => model.description, hidden: true },
];

const EXAMPLE = pretty(
  JSON.stringify({
    $schema: "http://json-schema.org/draft-04/schema#",
    type: "object",
    required: ["image"],
    properties: { image: { type: "string" } },
  }),
).text;

/** An API's models: the shapes of bodies, which validators hold requests to. */
export function ModelsTab({ api }: { api: string }) {
  const [open, setOpen] = useState<"create" | Model>();
  const live = useLive(["apigateway", `models ${api}`], () =>
    collect(paginateGetModels({ client: gateway() }, { restApiId: api, limit: 500 }), (page) => page.items),
  );
  return (
    <>
      <ResourceList
        id="apigateway.models"
        words={{ one: "model", many: "models" }}
        variant="container"
        live={live}
        idOf={nameOf}
        columns={columns}
        sortedBy={{ column: "name" }}
        actions={[{ id: "edit", text: "Edit", single: true, run: ([model]) => setOpen(model) }]}
        remove={(model) =>
          gateway().send(new DeleteModelCommand({ restApiId: api, modelName: nameOf(model) }))
        }
        removal={{ consequence: "A method that asks for it must be given another first." }}
        create={<Button onClick={() => setOpen("create")}>Create model</Button>}
        empty={{ hint: "A model is a JSON schema that a body has to fit." }}
      />
      {open && (
        <ModelForm
          api={api}
          model={open === "create" ? undefined : open}
          onClose={(done) => {
            setOpen(undefined);
            if (done) live.refresh();
          }}
        />
      )}
    </>
  );
}

interface FormProps {
  api: string;
  /** Absent where a new one is made. */
  model: Model | undefined;
  onClose: (done: boolean) => void;
}

function ModelForm({ api, model, onClose }: FormProps) {
  const [name, setName] = useState(model ? nameOf(model) : "");
  const [kind, setKind] = useState("application/json");
  const [schema, setSchema] = useState(model ? (model.schema ?? "") : EXAMPLE);
  const save = () =>
    model
      ? gateway().send(
          new UpdateModelCommand({
            restApiId: api,
            modelName: nameOf(model),
            patchOperations: [{ op: "replace", path: "/schema", value: schema }],
          }),
        )
      : gateway().send(new CreateModelCommand({ restApiId: api, name, contentType: kind, schema }));
  return (
    <FormModal
      title={model ? `Model ${name}` : "Create model"}
      verb={model ? "Save" : "Create"}
      size="large"
      ready={name !== "" && schema.trim() !== ""}
      submit={save}
      onClose={onClose}
    >
      {!model && (
        <>
          <TextField label="Name" hint="Letters and digits." value={name} onChange={setName} first />
          <TextField label="Content type" value={kind} onChange={setKind} />
        </>
      )}
      <FormField label="Schema" description="JSON schema, draft 4." stretch>
        <Editor value={schema} language="json" label="Schema" height={260} onChange={setSchema} />
      </FormField>
    </FormModal>
  );
}
