import { type ComparisonOperator, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";
import { useNavigate } from "react-router";
import { to } from "../../../app/links";
import { areCounts, areNumbers } from "../../../blocks/formats/numbers";
import { FormModal } from "../../../blocks/modals/FormModal";
import { cloudwatch } from "../client";
import { type Entry, titleOf } from "../widgets/entries";
import { type AlarmForm, alarmOf } from "./alarm";
import { PERIODS } from "./metrics";

const OPERATORS = [
  { value: "GreaterThanThreshold", label: "above the threshold" },
  { value: "GreaterThanOrEqualToThreshold", label: "above it, or at it" },
  { value: "LessThanThreshold", label: "below the threshold" },
  { value: "LessThanOrEqualToThreshold", label: "below it, or at it" },
];
const MISSING = [
  { value: "missing", label: "say nothing" },
  { value: "notBreaching", label: "are good" },
  { value: "breaching", label: "are bad" },
  { value: "ignore", label: "leave the state as it is" },
];
const OWN_PERIODS = PERIODS.filter(({ value }) => value !== "");

interface Props {
  entry: Entry;
  entries: Entry[];
  onClose: () => void;
}

/** Makes an alarm of a line of the graph. */
export function AlarmModal({ entry, entries, onClose }: Props) {
  const [form, setForm] = useState<AlarmForm>({
    name: titleOf(entry).replace(/[^\w.-]+/g, "-"),
    operator: "GreaterThanThreshold",
    threshold: "",
    periods: "1",
    enough: "1",
    missing: "missing",
    period: String(entry.period ?? 60),
    action: "",
  });
  const navigate = useNavigate();
  const change = (changed: Partial<AlarmForm>) => setForm({ ...form, ...changed });
  const select = (member: "operator" | "missing" | "period", options: { value: string; label: string }[]) => (
    <Select
      selectedOption={options.find(({ value }) => value === form[member]) ?? null}
      options={options}
      onChange={({ detail }) =>
        change({ [member]: (detail.selectedOption.value ?? "") as ComparisonOperator })
      }
    />
  );
  return (
    <FormModal
      title={`Alarm of ${titleOf(entry)}`}
      verb="Create"
      ready={form.name !== "" && areNumbers(form.threshold) && areCounts(form.periods, form.enough)}
      submit={() => cloudwatch().send(new PutMetricAlarmCommand(alarmOf(form, entry, entries)))}
      onClose={(done) => (done ? void navigate(to("cloudwatch", "alarms", form.name)) : onClose())}
    >
      <FormField label="Name">
        <Input
          value={form.name}
          onChange={({ detail }) => change({ name: detail.value })}
          spellcheck={false}
        />
      </FormField>
      <ColumnLayout columns={2}>
        <FormField label="It is bad">{select("operator", OPERATORS)}</FormField>
        <FormField label="Threshold">
          <Input
            type="number"
            step="any"
            value={form.threshold}
            onChange={({ detail }) => change({ threshold: detail.value })}
          />
        </FormField>
        <FormField label="Bad periods to ring">
          <Input
            type="number"
            value={form.enough}
            onChange={({ detail }) => change({ enough: detail.value })}
          />
        </FormField>
        <FormField label="Of so many">
          <Input
            type="number"
            value={form.periods}
            onChange={({ detail }) => change({ periods: detail.value })}
          />
        </FormField>
        <FormField label="Period">{select("period", OWN_PERIODS)}</FormField>
        <FormField label="Periods without data">{select("missing", MISSING)}</FormField>
      </ColumnLayout>
      <FormField
        label="When it rings"
        description="The ARN of a function, or of another action; nothing is done without."
      >
        <Input
          value={form.action}
          onChange={({ detail }) => change({ action: detail.value })}
          spellcheck={false}
        />
      </FormField>
    </FormModal>
  );
}
