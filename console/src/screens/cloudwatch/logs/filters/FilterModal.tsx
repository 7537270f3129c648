import {
  CloudWatchLogsClient,
  FilterLogEventsCommand,
  type MetricFilter,
  PutMetricFilterCommand,
  TestMetricFilterCommand,
  type TestMetricFilterCommandOutput,
} from "@aws-sdk/client-cloudwatch-logs";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import { useState } from "react";
import { notify } from "../../../../app/notices";
import { aws } from "../../../../aws/client";
import { Choice } from "../../../../blocks/fields/Choice";
import { Pairs } from "../../../../blocks/fields/Pairs";
import { TextField } from "../../../../blocks/fields/TextField";
import { FormModal } from "../../../../blocks/modals/FormModal";
import { PatternField } from "../PatternField";
import { type Form, faultsOf, formOf, inputOf, isForm } from "./filter";

const UNITS = [
  "None",
  "Count",
  "Seconds",
  "Milliseconds",
  "Microseconds",
  "Bytes",
  "Kilobytes",
  "Megabytes",
  "Percent",
];
/** TestMetricFilter takes so many lines (documented). */
const MOST_LINES = 50;

interface Props {
  group: string;
  filter: MetricFilter | undefined;
  onClose: (done: boolean) => void;
}

/** Which lines become which metric; tried with the group's latest lines before it is made. */
export function FilterModal({ group, filter, onClose }: Props) {
  const [form, setForm] = useState(() => formOf(filter, group));
  const change = (part: Partial<Form>) => setForm((before) => ({ ...before, ...part }));
  const logs = () => aws(CloudWatchLogsClient);
  const faults = faultsOf(form);
  return (
    <FormModal
      title={filter ? `Metric filter ${filter.filterName}` : `A metric filter of ${group}`}
      verb={filter ? "Save" : "Create"}
      size="large"
      ready={isForm(form)}
      submit={() => logs().send(new PutMetricFilterCommand(inputOf(group, form)))}
      onClose={onClose}
    >
      {!filter && <TextField label="Name" value={form.name} onChange={(name) => change({ name })} first />}
      <PatternField pattern={form.pattern} onChange={(pattern) => change({ pattern })} />
      <Trial group={group} pattern={form.pattern} />
      <ColumnLayout columns={2}>
        <TextField
          label="Namespace of the metric"
          value={form.namespace}
          onChange={(namespace) => change({ namespace })}
        />
        <TextField label="Metric" value={form.metric} onChange={(metric) => change({ metric })} />
        <TextField
          label="Value of a line"
          hint="1 counts lines; $.ms takes a member of JSON, $size a column."
          value={form.value}
          onChange={(value) => change({ value })}
        />
        <TextField
          label="Value where none matches"
          hint="Empty: nothing is published then."
          value={form.otherwise}
          onChange={(otherwise) => change({ otherwise })}
        />
        <Choice
          label="Unit"
          value={form.unit}
          options={UNITS.map((value) => ({ value }))}
          onChange={(unit) => change({ unit })}
        />
      </ColumnLayout>
      <Pairs
        label="Dimensions"
        columns={["Name", "Taken from"]}
        rows={form.dimensions}
        first=""
        onChange={(dimensions) => change({ dimensions })}
        placeholders={["Path", "$.path"]}
      />
      {faults.map((fault) => (
        <Box key={fault} color="text-status-error">
          {fault}
        </Box>
      ))}
    </FormModal>
  );
}

function Trial({ group, pattern }: { group: string; pattern: string }) {
  const [found, setFound] = useState<{ of: number; matches: TestMetricFilterCommandOutput["matches"] }>();
  const attempt = async () => {
    const logs = aws(CloudWatchLogsClient);
    try {
      const { events = [] } = await logs.send(
        new FilterLogEventsCommand({
          logGroupName: group,
          startTime: Date.now() - 7 * 86_400_000,
          limit: MOST_LINES,
        }),
      );
      const lines = events.map(({ message = "" }) => message).filter(Boolean);
      if (lines.length === 0) return setFound({ of: 0, matches: [] });
      const { matches } = await logs.send(
        new TestMetricFilterCommand({ filterPattern: pattern, logEventMessages: lines }),
      );
      setFound({ of: lines.length, matches });
    } catch (error) {
      notify.error("Try the pattern", error);
    }
  };
  return (
    <div>
      <Button formAction="none" onClick={() => void attempt()}>
        Try it with lines of this week
      </Button>
      {found && (
        <Box aria-live="polite" padding={{ top: "xs" }}>
          {found.of === 0
            ? "Nothing was said in this week."
            : `${found.matches?.length ?? 0} of ${found.of} lines match.`}
          {found.matches?.slice(0, 3).map((match) => (
            <Box key={match.eventNumber} variant="samp" display="block">
              {match.eventMessage}
            </Box>
          ))}
        </Box>
      )}
    </div>
  );
}
