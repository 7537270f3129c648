import { paginateListModels } from "@aws-sdk/client-sagemaker";
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import { collect } from "../../../../aws/collect";
import { Refused } from "../../../../blocks/Refused";
import type { Form } from "../../../../blocks/request/fields";
import { at, put } from "../../../../blocks/request/put";
import { useLive } from "../../../../live/useLive";
import { sagemaker } from "../../client";

/** Chooses among the models that there are; a clone's may be gone, and is then refused by AWS. */
export function ModelField({ form }: { form: Form }) {
  const models = useLive(["sagemaker", "models"], () =>
    collect(paginateListModels({ client: sagemaker() }, { MaxResults: 100 }), (page) => page.Models),
  );
  const value = at<string>(form.request, ["ModelName"]);
  return (
    <FormField label="Model" description="Its role is the job's.">
      {models.refusal && !models.data ? (
        <Refused of={models.refusal} />
      ) : (
        <Select
          selectedOption={value ? { value } : null}
          options={(models.data ?? []).map(({ ModelName = "" }) => ({ value: ModelName }))}
          onChange={({ detail }) =>
            form.change(put(form.request, ["ModelName"], detail.selectedOption.value))
          }
          statusType={models.loading ? "loading" : "finished"}
          placeholder="Choose a model"
          empty="There is no model: create one first."
          filteringType="auto"
        />
      )}
    </FormField>
  );
}
