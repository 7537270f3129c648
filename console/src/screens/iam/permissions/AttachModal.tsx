import { paginateListPolicies } from "@aws-sdk/client-iam";
import FormField from "@cloudscape-design/components/form-field";
import Multiselect from "@cloudscape-design/components/multiselect";
import { useState } from "react";
import { collect } from "../../../aws/collect";
import { FormModal } from "../../../blocks/FormModal";
import { Refused } from "../../../blocks/Refused";
import { useLive } from "../../../live/useLive";
import { iam } from "../client";
import { attach, type Permission, type Principal } from "./principal";

interface Props {
  of: Principal;
  attached: Permission[];
  onClose: () => void;
}

/** Attaches managed policies, AWS's or the account's. */
export function AttachModal({ of, attached, onClose }: Props) {
  const [chosen, setChosen] = useState<string[]>([]);
  const live = useLive(["iam", "all policies"], () =>
    collect(paginateListPolicies({ client: iam() }, {}), (page) => page.Policies, 3000),
  );
  const options = (live.data ?? [])
    .filter(({ Arn }) => !attached.some(({ arn }) => arn === Arn))
    .map(({ Arn = "", PolicyName = "" }) => ({
      value: Arn,
      label: PolicyName,
      ...(Arn.includes(":iam::aws:") ? {} : { tags: ["yours"] }),
    }));
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
