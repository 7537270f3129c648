import { IAMClient, paginateListRoles } from "@aws-sdk/client-iam";
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import { useEffect } from "react";
import { aws } from "../../aws/client";
import { collect } from "../../aws/collect";
import { useLive } from "../../live/useLive";
import { Refused } from "../Refused";

interface Props {
  /** Roles whose trust policy names it are offered: others would be refused. */
  service: string;
  /** An ARN; empty at first. */
  value: string;
  onChange: (arn: string) => void;
  hint?: string;
}

/** Chooses a role that a service may be; the first at the beginning. */
export function RoleSelect({ service, value, onChange, hint }: Props) {
  const roles = useLive(["iam", "roles"], () =>
    collect(paginateListRoles({ client: aws(IAMClient) }, {}), (page) => page.Roles),
  );
  const options = (roles.data ?? [])
    .filter(({ AssumeRolePolicyDocument = "" }) =>
      decodeURIComponent(AssumeRolePolicyDocument).includes(service),
    )
    .map(({ Arn = "", RoleName = "" }) => ({ value: Arn, label: RoleName }));
  const first = options[0]?.value;
  useEffect(() => {
    if (!value && first) onChange(first);
  }, [value, first, onChange]);
  return (
    <FormField label="Role" description={hint}>
      {roles.refusal ? (
        <Refused of={roles.refusal} />
      ) : (
        <Select
          selectedOption={options.find((option) => option.value === value) ?? null}
          options={options}
          onChange={({ detail }) => onChange(detail.selectedOption.value ?? "")}
          statusType={roles.loading ? "loading" : "finished"}
          empty={`No role trusts ${service}.`}
          filteringType="auto"
        />
      )}
    </FormField>
  );
}
