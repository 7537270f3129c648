import { CreateFunctionCommand } from "@aws-sdk/client-lambda";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";
import { RoleSelect } from "../../../blocks/fields/RoleSelect";
import { FormModal } from "../../../blocks/modals/FormModal";
import { lambda } from "../client";
import { zipped } from "../code/archive";
import { RUNTIMES } from "./runtimes";

const CODE = `import json


def handler(event, context):
    print("asked for", event)
    return {"statusCode": 200, "body": json.dumps({"hello": event.get("name", "world")})}
`;

/** Makes a function of a few lines, to be changed in its page. */
export function CreateFunction({ onClose }: { onClose: (name: string | undefined) => void }) {
  const [name, setName] = useState("");
  const [runtime, setRuntime] = useState(RUNTIMES[1] ?? "");
  const [role, setRole] = useState("");
  const create = () =>
    lambda().send(
      new CreateFunctionCommand({
        FunctionName: name,
        Runtime: runtime as "python3.12", // one of those above
        Role: role,
        Handler: "app.handler",
        Code: { ZipFile: zipped({ "app.py": new TextEncoder().encode(CODE) }) },
      }),
    );
  return (
    <FormModal
      title="Create function"
      verb="Create"
      ready={name !== "" && role !== ""}
      submit={create}
      onClose={(done) => onClose(done ? name : undefined)}
    >
      <FormField label="Name">
        <Input value={name} onChange={({ detail }) => setName(detail.value)} autoFocus spellcheck={false} />
      </FormField>
      <FormField label="Runtime">
        <Select
          selectedOption={{ value: runtime }}
          options={RUNTIMES.map((value) => ({ value }))}
          onChange={({ detail }) => setRuntime(detail.selectedOption.value ?? runtime)}
        />
      </FormField>
      <RoleSelect
        service="lambda.amazonaws.com"
        value={role}
        onChange={setRole}
        hint="What the function may do."
      />
    </FormModal>
  );
}
