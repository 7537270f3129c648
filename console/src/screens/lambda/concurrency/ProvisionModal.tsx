import { PutProvisionedConcurrencyConfigCommand } from "@aws-sdk/client-lambda";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { Choice } from "../../../blocks/fields/Choice";
import { areCounts } from "../../../blocks/formats/numbers";
import { FormModal } from "../../../blocks/modals/FormModal";
import { Refused } from "../../../blocks/Refused";
import { lambda } from "../client";
import { useQualifiers } from "../versions/useQualifiers";

interface Props {
  name: string;
  /** Given where a number is to be changed. */
  kept?: { qualifier: string; count: string } | undefined;
  onClose: () => void;
}

/** Keeps environments of a version or an alias warm. */
export function ProvisionModal({ name, kept, onClose }: Props) {
  const [qualifier, setQualifier] = useState(kept?.qualifier ?? "");
  const [count, setCount] = useState(kept?.count ?? "1");
  const qualifiers = useQualifiers(name);
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
      title={`Keep ${kept ? `${name}, ${qualifier},` : name} warm`}
      verb="Keep warm"
      ready={qualifier !== "" && areCounts(count)}
      submit={submit}
      onClose={onClose}
    >
      <Refused of={qualifiers.refusal} />
      {kept ? null : (
        <Choice
          label="Version or alias"
          description="Not $LATEST: publish a version first."
          value={qualifier}
          options={(qualifiers.data ?? []).map((value) => ({ value }))}
          onChange={setQualifier}
        />
      )}
      <FormField label="Environments">
        <Input type="number" value={count} onChange={({ detail }) => setCount(detail.value)} />
      </FormField>
    </FormModal>
  );
}
