import { UpdateUsagePlanCommand, type UsagePlan } from "@aws-sdk/client-api-gateway";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";
import { FormModal } from "../../../blocks/modals/FormModal";
import { gateway } from "../client";
import { type Limits, limitsOf, patchesOf } from "./settings";

const PERIODS = ["DAY", "WEEK", "MONTH"];

/** Changes how often a plan's keys may call. */
export function EditLimits({ plan, onClose }: { plan: UsagePlan; onClose: () => void }) {
  const [before] = useState(() => limitsOf(plan));
  const [limits, setLimits] = useState<Limits>(before);
  const field = (name: "rate" | "burst" | "quota", label: string) => (
    <FormField label={label}>
      <Input
        type="number"
        value={limits[name]}
        placeholder="none"
        onChange={({ detail }) => setLimits({ ...limits, [name]: detail.value })}
      />
    </FormField>
  );
  const patchOperations = patchesOf(before, limits);
  return (
    <FormModal
      title={`Limits of ${plan.name}`}
      verb="Save"
      ready={patchOperations.length > 0}
      submit={() => gateway().send(new UpdateUsagePlanCommand({ usagePlanId: plan.id, patchOperations }))}
      onClose={onClose}
    >
      <ColumnLayout columns={2}>
        {field("rate", "Requests a second")}
        {field("burst", "At once")}
        {field("quota", "Quota")}
        <FormField label="A">
          <Select
            selectedOption={{ value: limits.period, label: limits.period.toLowerCase() }}
            options={PERIODS.map((value) => ({ value, label: value.toLowerCase() }))}
            onChange={({ detail }) =>
              setLimits({ ...limits, period: detail.selectedOption.value ?? limits.period })
            }
          />
        </FormField>
      </ColumnLayout>
    </FormModal>
  );
}
