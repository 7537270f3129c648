import { StartPipelineExecutionCommand } from "@aws-sdk/client-sagemaker";
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";
import { TextField } from "../../../blocks/fields/TextField";
import { FormModal } from "../../../blocks/modals/FormModal";
import { sagemaker } from "../client";
import { type Parameter, read } from "./steps";

interface Props {
  pipeline: string;
  definition: string | undefined;
  onClose: (arn: string | undefined) => void;
}

/** Asks for the parameters of an execution; what is left as it is keeps its default. */
export function StartExecution({ pipeline, definition, onClose }: Props) {
  const parameters = read(definition).Parameters ?? [];
  const [name, setName] = useState("");
  const [values, setValues] = useState<Record<string, string>>({});
  const [arn, setArn] = useState<string>();
  const given = (one: Parameter) => values[one.Name] ?? String(one.DefaultValue ?? "");
  const start = async () => {
    const changed = parameters.filter(
      (one) => one.DefaultValue === undefined || given(one) !== String(one.DefaultValue),
    );
    const answer = await sagemaker().send(
      new StartPipelineExecutionCommand({
        PipelineName: pipeline,
        ...(name ? { PipelineExecutionDisplayName: name } : {}),
        ...(changed.length
          ? { PipelineParameters: changed.map((one) => ({ Name: one.Name, Value: given(one) })) }
          : {}),
      }),
    );
    setArn(answer.PipelineExecutionArn);
    onClose(answer.PipelineExecutionArn);
  };
  const ready = parameters.every((one) => one.DefaultValue !== undefined || given(one) !== "");
  return (
    <FormModal
      title={`Start ${pipeline}`}
      verb="Start"
      ready={ready}
      submit={start}
      onClose={() => onClose(arn)}
    >
      <TextField label="Display name" value={name} onChange={setName} hint="Optional." first />
      {parameters.map((one) => {
        const change = (value: string) => setValues({ ...values, [one.Name]: value });
        const choices = one.EnumValues ?? (one.Type === "Boolean" ? ["true", "false"] : undefined);
        if (!choices)
          return (
            <TextField
              key={one.Name}
              label={one.Name}
              hint={one.Type}
              value={given(one)}
              number={one.Type === "Integer" || one.Type === "Float"}
              onChange={change}
            />
          );
        return (
          <FormField key={one.Name} label={one.Name} constraintText={one.Type}>
            <Select
              selectedOption={{ value: given(one), label: given(one) }}
              options={choices.map((value) => ({ value: String(value), label: String(value) }))}
              onChange={({ detail }) => change(detail.selectedOption.value ?? "")}
            />
          </FormField>
        );
      })}
    </FormModal>
  );
}
