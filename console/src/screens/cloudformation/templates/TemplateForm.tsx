import type { Capability, Stack } from "@aws-sdk/client-cloudformation";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { notify } from "../../../app/notices";
import { DropArea } from "../../../blocks/fields/DropArea";
import { Editor } from "../../../blocks/fields/Editor";
import { TextField } from "../../../blocks/fields/TextField";
import { Refused } from "../../../blocks/Refused";
import { ParameterFields } from "./ParameterFields";
import { Submit } from "./Submit";
import { useSummary } from "./useSummary";
import { missing, sent, type Typed } from "./values";

interface Props {
  /** The template at first. */
  begin: string;
  /** The one to be updated; absent where one is made. */
  stack?: Stack;
}

/** A template, the values of its parameters, and what has to be acknowledged of it. */
export function TemplateForm({ begin, stack }: Props) {
  const [name, setName] = useState(stack?.StackName ?? "");
  const [text, setText] = useState(begin);
  const [typed, setTyped] = useState<Typed>({});
  const [role, setRole] = useState(stack?.RoleARN ?? "");
  const [agreed, setAgreed] = useState("");
  const summary = useSummary(text);
  const before = stack?.Parameters ?? [];
  const declared = summary.data?.Parameters ?? [];
  const asked: Capability[] = summary.data?.Capabilities ?? [];
  const all = asked.join(", "); // what was agreed to is not agreed to when a changed template asks for more
  const lacks = missing(declared, typed, before);
  const ready =
    name !== "" && summary.data?.text === text && !summary.refusal && lacks.length === 0 && agreed === all;
  const take = ([file]: File[]) =>
    void file
      ?.text()
      .then(setText)
      .catch((error: unknown) => notify.error("Read the file", error));
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Template</Header>}>
        <SpaceBetween size="m">
          {!stack && <TextField label="Name of the stack" value={name} onChange={setName} first />}
          <DropArea label="Drop a template here" hint="or choose a file: YAML or JSON" onFiles={take} />
          <Editor
            label="Template"
            language={text.trimStart().startsWith("{") ? "json" : "yaml"}
            value={text}
            onChange={setText}
            height={320}
          />
          <Refused of={summary.refusal} />
        </SpaceBetween>
      </Container>
      {declared.length > 0 && (
        <Container header={<Header variant="h2">Parameters</Header>}>
          <SpaceBetween size="m">
            <ParameterFields declared={declared} typed={typed} before={before} onChange={setTyped} />
          </SpaceBetween>
        </Container>
      )}
      <Container header={<Header variant="h2">Rights</Header>}>
        <SpaceBetween size="m">
          <TextField
            label="Role"
            hint="The ARN of the role that makes everything; you, where there is none."
            value={role}
            onChange={setRole}
          />
          {asked.length > 0 && (
            <FormField label="To be acknowledged" constraintText={summary.data?.CapabilitiesReason}>
              <Checkbox
                checked={agreed === all}
                onChange={({ detail }) => setAgreed(detail.checked ? all : "")}
              >
                {all}
              </Checkbox>
            </FormField>
          )}
        </SpaceBetween>
      </Container>
      <Submit
        updates={stack !== undefined}
        ready={ready}
        lacks={lacks}
        request={{
          StackName: name,
          TemplateBody: text,
          Parameters: sent(declared, typed, before),
          Capabilities: asked,
          ...(role ? { RoleARN: role } : {}),
        }}
      />
    </SpaceBetween>
  );
}
