import { LambdaClient, paginateListFunctions } from "@aws-sdk/client-lambda";
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import { aws } from "../../aws/client";
import { collect } from "../../aws/collect";
import { Refused } from "../../blocks/Refused";
import { useLive } from "../../live/useLive";

interface Props {
  /** An ARN; empty at first. */
  value: string;
  onChange: (arn: string) => void;
  description: string;
}

/** Chooses a function that an API calls. */
export function FunctionSelect({ value, onChange, description }: Props) {
  const live = useLive(["lambda", "functions"], () =>
    collect(paginateListFunctions({ client: aws(LambdaClient) }, {}), (page) => page.Functions),
  );
  const options = (live.data ?? []).map(({ FunctionArn = "", FunctionName = "" }) => ({
    value: FunctionArn,
    label: FunctionName,
  }));
  return (
    <FormField label="Function" description={description}>
      <Refused of={live.refusal} />
      <Select
        selectedOption={
          options.find((option) => option.value === value) ?? (value ? { value, label: value } : null)
        }
        options={options}
        onChange={({ detail }) => onChange(detail.selectedOption.value ?? "")}
        statusType={live.loading ? "loading" : "finished"}
        empty="There is no function."
        filteringType="auto"
      />
    </FormField>
  );
}
