import {
  ApplicationAutoScalingClient,
  PutScheduledActionCommand,
  type ScheduledAction,
} from "@aws-sdk/client-application-auto-scaling";
import Box from "@cloudscape-design/components/box";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import FormField from "@cloudscape-design/components/form-field";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { aws } from "../../../../aws/client";
import { Choice } from "../../../../blocks/fields/Choice";
import { TextField } from "../../../../blocks/fields/TextField";
import { FormModal } from "../../../../blocks/modals/FormModal";
import { useNow } from "../../../../blocks/useNow";
import type { Target } from "../targets";
import { type ActionForm, actionOf, formOf, isActionForm, toldOf, zones } from "./form";
import { NextTimes } from "./NextTimes";
import type { Schedule } from "./next";

const KINDS = [
  { id: "cron", text: "At hours and days" },
  { id: "rate", text: "Every so often" },
  { id: "at", text: "Once" },
];
const UNITS = [
  { value: "minute", label: "minutes" },
  { value: "hour", label: "hours" },
  { value: "day", label: "days" },
];
const ZONES = zones().map((value) => ({ value }));

interface Props {
  target: Target;
  action: ScheduledAction | undefined;
  onClose: (done: boolean) => void;
}

/** New bounds for a target, once or again and again. */
export function ScheduleModal({ target, action, onClose }: Props) {
  const now = new Date(useNow(10_000));
  const [form, setForm] = useState<ActionForm>(() => formOf(action, target, now));
  const change = (part: Partial<ActionForm>) => setForm((before) => ({ ...before, ...part }));
  const { times, fault } = toldOf(form, now, action?.CreationTime);
  return (
    <FormModal
      title={
        action
          ? `Scheduled action ${action.ScheduledActionName}`
          : `A scheduled action of ${target.ResourceId}`
      }
      verb={action ? "Save" : "Add"}
      size="large"
      ready={isActionForm(form, now)}
      submit={() =>
        aws(ApplicationAutoScalingClient).send(new PutScheduledActionCommand(actionOf(form, target)))
      }
      onClose={onClose}
    >
      {!action && <TextField label="Name" value={form.name} onChange={(name) => change({ name })} first />}
      <ScheduleFields
        schedule={form.schedule}
        onChange={(part) => change({ schedule: { ...form.schedule, ...part } })}
      />
      <Choice
        label="Time zone"
        description="Of the hours above; an interval needs none."
        value={form.zone}
        options={ZONES}
        onChange={(zone) => change({ zone })}
      />
      <FormField label="Next times">
        {fault ? <Box color="text-status-error">{fault}</Box> : <NextTimes times={times} zone={form.zone} />}
      </FormField>
      <ColumnLayout columns={2}>
        <TextField
          label="At least, from then on"
          hint="Empty: as it is then."
          number
          value={form.least}
          onChange={(least) => change({ least })}
        />
        <TextField
          label="At most, from then on"
          hint="Empty: as it is then."
          number
          value={form.most}
          onChange={(most) => change({ most })}
        />
        <TextField
          label="Not before"
          hint="In this browser's time. It is the first time, too."
          placeholder="2026-11-30 09:00"
          value={form.start}
          onChange={(start) => change({ start })}
        />
        <TextField
          label="Not after"
          hint="In this browser's time."
          placeholder="2026-12-31 18:00"
          value={form.end}
          onChange={(end) => change({ end })}
        />
      </ColumnLayout>
    </FormModal>
  );
}

function ScheduleFields({
  schedule,
  onChange,
}: {
  schedule: Schedule;
  onChange: (part: Partial<Schedule>) => void;
}) {
  return (
    <SpaceBetween size="m">
      <SegmentedControl
        label="When"
        selectedId={schedule.kind}
        options={KINDS}
        onChange={({ detail }) => onChange({ kind: detail.selectedId as Schedule["kind"] })}
      />
      {schedule.kind === "at" && (
        <TextField
          label="When"
          value={schedule.at}
          onChange={(at) => onChange({ at })}
          placeholder="2026-11-30 09:00"
        />
      )}
      {schedule.kind === "rate" && (
        <ColumnLayout columns={2}>
          <TextField label="Every" number value={schedule.count} onChange={(count) => onChange({ count })} />
          <Choice
            label="Unit"
            value={schedule.unit}
            options={UNITS}
            onChange={(unit) => onChange({ unit: unit as Schedule["unit"] })}
          />
        </ColumnLayout>
      )}
      {schedule.kind === "cron" && (
        <TextField
          label="Cron"
          hint="minute, hour, day, month, day of the week (SUN is 1), year; one of the two days is ?"
          value={schedule.cron}
          onChange={(cron) => onChange({ cron })}
          placeholder="0 8 ? * MON-FRI *"
        />
      )}
    </SpaceBetween>
  );
}
