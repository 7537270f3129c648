import { CreateRoleCommand } from "@aws-sdk/client-iam";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";
import { FormModal } from "../../../blocks/modals/FormModal";
import { currentSession } from "../../../session/session";
import { iam } from "../client";
import { trust } from "../documents/examples";

const SERVICES: Record<string, string> = {
  Lambda: "lambda.amazonaws.com",
  SageMaker: "sagemaker.amazonaws.com",
  EC2: "ec2.amazonaws.com",
  "API Gateway": "apigateway.amazonaws.com",
};

/** Makes a role; its policies are given in its page. */
export function CreateRole({ onClose }: { onClose: (name: string | undefined) => void }) {
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const options = [
    ...Object.entries(SERVICES).map(([label, value]) => ({ value, label, description: value })),
    { value: currentSession().account, label: "This account", description: "Whoever may AssumeRole here" },
  ];
  const [who, setWho] = useState(options[0]);
  const create = () =>
    iam().send(
      new CreateRoleCommand({
        RoleName: name,
        AssumeRolePolicyDocument: trust(who?.value ?? ""),
        ...(description ? { Description: description } : {}),
      }),
    );
  return (
    <FormModal
      title="Create role"
      verb="Create"
      ready={name !== ""}
      submit={create}
      onClose={(done) => onClose(done ? name : undefined)}
    >
      <FormField label="Name">
        <Input value={name} onChange={({ detail }) => setName(detail.value)} autoFocus spellcheck={false} />
      </FormField>
      <FormField label="Who may be it" description="Its trust policy; it can be changed in its page.">
        <Select
          selectedOption={who ?? null}
          options={options}
          onChange={({ detail }) =>
            setWho(options.find(({ value }) => value === detail.selectedOption.value) ?? who)
          }
        />
      </FormField>
      <FormField label="Description">
        <Input value={description} onChange={({ detail }) => setDescription(detail.value)} />
      </FormField>
    </FormModal>
  );
}
