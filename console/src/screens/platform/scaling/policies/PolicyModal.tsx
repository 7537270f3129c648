import type { ScalingPolicy } from "@aws-sdk/client-application-auto-scaling";
import Checkbox from "@cloudscape-design/components/checkbox";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import equal from "fast-deep-equal";
import { useState } from "react";
import { TextField } from "../../../../blocks/fields/TextField";
import { FormModal } from "../../../../blocks/modals/FormModal";
import { useLive } from "../../../../live/useLive";
import type { Target } from "../targets";
import { AlarmFields } from "./AlarmFields";
import { type AlarmWish, FIRST_ALARM, isAlarmWish } from "./alarm";
import { formOf, isPolicyForm, type PolicyForm } from "./form";
import { StepFields } from "./StepFields";
import { readAlarms, savePolicy } from "./saving";
import { firstRows } from "./steps";

const KINDS = [
  { id: "TargetTrackingScaling", text: "Hold a value" },
  { id: "StepScaling", text: "Steps" },
];

interface Props {
  target: Target;
  /** Nothing for a new one. */
  policy: ScalingPolicy | undefined;
  onClose: (done: boolean) => void;
}

/** A policy of a target: a value that is held, or steps that an alarm calls for. */
export function PolicyModal({ target, policy, onClose }: Props) {
  const [form, setForm] = useState(() => formOf(policy, target));
  const [alarm, setAlarm] = useState<AlarmWish>({
    ...FIRST_ALARM,
    how: policy ? (policy.Alarms?.length ? "take" : "none") : "make",
    name: policy?.Alarms?.[0]?.AlarmName ?? "",
  });
  const alarms = useLive(["cloudwatch", "alarms of metrics"], readAlarms, {
    enabled: form.kind === "StepScaling" && alarm.how === "take",
  });
  const taken =
    alarm.how === "take" ? alarms.data?.find(({ AlarmName }) => AlarmName === alarm.name) : undefined;
  const threshold = alarm.how === "make" ? Number(alarm.threshold) || 0 : (taken?.Threshold ?? 0);
  const change = (part: Partial<PolicyForm>) => setForm((now) => ({ ...now, ...part }));
  const changeAlarm = (part: Partial<AlarmWish>) => {
    const next = { ...alarm, ...part };
    setAlarm(next);
    // Steps that nobody has touched follow the side on which the alarm goes off.
    if (next.above !== alarm.above && equal(form.rows, firstRows(alarm.above)))
      change({ rows: firstRows(next.above) });
  };
  // For provisioned concurrency there are no step policies (User Guide, Limitations).
  const takesSteps = target.ServiceNamespace === "sagemaker";
  const steps = form.kind === "StepScaling";
  return (
    <FormModal
      title={policy ? `Policy ${policy.PolicyName}` : `A policy of ${target.ResourceId}`}
      verb={policy ? "Save" : "Add"}
      size="large"
      ready={isPolicyForm(form) && (!steps || isAlarmWish(alarm))}
      submit={() => savePolicy(target, form, policy, alarm)}
      onClose={onClose}
    >
      {!policy && (
        <SpaceBetween size="m">
          {takesSteps && (
            <SegmentedControl
              label="Kind of policy"
              selectedId={form.kind}
              options={KINDS}
              onChange={({ detail }) => change({ kind: detail.selectedId as PolicyForm["kind"] })}
            />
          )}
          <TextField label="Name" value={form.name} onChange={(name) => change({ name })} first />
        </SpaceBetween>
      )}
      {steps ? (
        <SpaceBetween size="m">
          <AlarmFields wish={alarm} onChange={changeAlarm} alarms={alarms} />
          <StepFields form={form} onChange={change} above={alarm.above} threshold={threshold} />
        </SpaceBetween>
      ) : (
        <TrackingFields form={form} onChange={change} isVariant={takesSteps} />
      )}
    </FormModal>
  );
}

interface FieldsProps {
  form: PolicyForm;
  onChange: (change: Partial<PolicyForm>) => void;
  isVariant: boolean;
}

function TrackingFields({ form, onChange, isVariant }: FieldsProps) {
  const pause = isVariant ? "300 where it is left empty." : "0 where it is left empty.";
  return (
    <SpaceBetween size="m">
      <TextField
        label={
          isVariant
            ? "Requests a minute for each instance"
            : "Share of what is kept warm that is in use, 0.1 to 0.9"
        }
        value={form.value}
        onChange={(value) => onChange({ value })}
      />
      <ColumnLayout columns={2}>
        <TextField
          label="Pause after growing, seconds"
          hint={pause}
          number
          value={form.outCooldown}
          onChange={(outCooldown) => onChange({ outCooldown })}
        />
        <TextField
          label="Pause after shrinking, seconds"
          hint={pause}
          number
          value={form.inCooldown}
          onChange={(inCooldown) => onChange({ inCooldown })}
        />
      </ColumnLayout>
      <Checkbox checked={form.neverIn} onChange={({ detail }) => onChange({ neverIn: detail.checked })}>
        It only grows
      </Checkbox>
    </SpaceBetween>
  );
}
