import FormField from "@cloudscape-design/components/form-field";
import Multiselect from "@cloudscape-design/components/multiselect";
import { useState } from "react";
import { FormModal } from "../../../blocks/modals/FormModal";
import { Refused } from "../../../blocks/Refused";
import { attach, type Permission, type Principal } from "./principal";
import { usePolicies } from "./usePolicies";

interface Props {
  of: Principal;
  attached: Permission[];
  onClose: () => void;
}

/** Attaches managed policies, AWS's or the account's. */
export function AttachModal({ of, attached, onClose }: Props) {
  const [chosen, setChosen] = useState<string[]>([]);
  const { live, options: all } = usePolicies();
  const options = all.filter(({ value }) => !attached.some(({ arn }) => arn === value));
  const submit = async () => {
    for (const arn of chosen) await attach(of, arn);
  };
  return (
    <FormModal
      title={`Attach policies to ${of.name}`}
      verb="Attach"
      ready={chosen.length > 0}
      submit={submit}
      onClose={onClose}
    >
      <FormField label="Policies">
        <Refused of={live.refusal} />
        <Multiselect
          selectedOptions={options.filter(({ value }) => chosen.includes(value))}
          options={options}
          onChange={({ detail }) => setChosen(detail.selectedOptions.map(({ value = "" }) => value))}
          filteringType="auto"
          statusType={live.loading ? "loading" : "finished"}
          placeholder="AmazonSageMakerFullAccess"
          virtualScroll
        />
      </FormField>
    </FormModal>
  );
}
