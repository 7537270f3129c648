import { PutProvisionedConcurrencyConfigCommand } from "@aws-sdk/client-lambda";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { FormModal } from "../../../blocks/FormModal";
import { areCounts } from "../../../blocks/numbers";
import { lambda } from "../client";

/** Keeps environments of a version or an alias warm. */
export function ProvisionModal({ name, onClose }: { name: string; onClose: () => void }) {
  const [qualifier, setQualifier] = useState("");
  const [count, setCount] = useState("1");
  const submit = () =>
    lambda().send(
      new PutProvisionedConcurrencyConfigCommand({
        FunctionName: name,
        Qualifier: qualifier,
        ProvisionedConcurrentExecutions: Number(count),
      }),
    );
  return (
    <FormModal
      title={`Keep ${name} warm`}
      verb="Keep warm"
      ready={qualifier !== "" && areCounts(count)}
      submit={submit}
      onClose={onClose}
    >
      <FormField label="Version or alias" constraintText="Not $LATEST: publish a version first.">
        <Input
          value={qualifier}
          onChange={({ detail }) => setQualifier(detail.value)}
          autoFocus
          spellcheck={false}
        />
      </FormField>
      <FormField label="Environments">
        <Input type="number" value={count} onChange={({ detail }) => setCount(detail.value)} />
      </FormField>
    </FormModal>
  );
}
