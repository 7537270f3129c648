import { type AliasConfiguration, CreateAliasCommand, UpdateAliasCommand } from "@aws-sdk/client-lambda";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";
import { areNumbers } from "../../../blocks/formats/numbers";
import { FormModal } from "../../../blocks/modals/FormModal";
import { lambda } from "../client";

interface Props {
  name: string;
  alias: AliasConfiguration | undefined;
  versions: string[];
  onClose: () => void;
}

/** Makes an alias or moves it; a second version may get a part of its calls. */
export function AliasModal({ name, alias, versions, onClose }: Props) {
  const weights = Object.entries(alias?.RoutingConfig?.AdditionalVersionWeights ?? {})[0];
  const [title, setTitle] = useState(alias?.Name ?? "");
  const [version, setVersion] = useState(alias?.FunctionVersion ?? versions.at(-1) ?? "$LATEST");
  const [second, setSecond] = useState(weights?.[0] ?? "");
  const [percent, setPercent] = useState(String(Number(((weights?.[1] ?? 0.1) * 100).toFixed(4))));
  const submit = () => {
    const input = {
      FunctionName: name,
      Name: title,
      FunctionVersion: version,
      // An empty map takes the second version away; without it, it would stay (documented: UpdateAlias).
      RoutingConfig: { AdditionalVersionWeights: second ? { [second]: Number(percent) / 100 } : {} },
    };
    return alias
      ? lambda().send(new UpdateAliasCommand(input))
      : lambda().send(new CreateAliasCommand(input));
  };
  const options = versions.map((value) => ({ value }));
  return (
    <FormModal
      title={alias ? `Alias ${alias.Name}` : "Create alias"}
      verb={alias ? "Save" : "Create"}
      ready={title !== "" && (second === "" || areNumbers(percent))}
      submit={submit}
      onClose={onClose}
    >
      <FormField label="Name">
        <Input
          value={title}
          disabled={alias !== undefined}
          onChange={({ detail }) => setTitle(detail.value)}
          autoFocus
          spellcheck={false}
        />
      </FormField>
      <FormField label="Version">
        <Select
          selectedOption={{ value: version }}
          options={options}
          onChange={({ detail }) => setVersion(detail.selectedOption.value ?? version)}
        />
      </FormField>
      <ColumnLayout columns={2}>
        <FormField label="Second version">
          <Select
            selectedOption={{ value: second, label: second || "none" }}
            options={[{ value: "", label: "none" }, ...options.filter(({ value }) => value !== version)]}
            onChange={({ detail }) => setSecond(detail.selectedOption.value ?? "")}
          />
        </FormField>
        <FormField label="Its share (%)">
          <Input
            type="number"
            value={percent}
            disabled={!second}
            onChange={({ detail }) => setPercent(detail.value)}
          />
        </FormField>
      </ColumnLayout>
    </FormModal>
  );
}
