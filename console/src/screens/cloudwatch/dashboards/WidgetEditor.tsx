import { DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, paginateDescribeLogGroups } from "@aws-sdk/client-cloudwatch-logs";
import Checkbox from "@cloudscape-design/components/checkbox";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Multiselect from "@cloudscape-design/components/multiselect";
import Select from "@cloudscape-design/components/select";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { aws } from "../../../aws/client";
import { collect } from "../../../aws/collect";
import { FormModal } from "../../../blocks/modals/FormModal";
import { useLive } from "../../../live/useLive";
import { currentSession } from "../../../session/session";
import { cloudwatch } from "../client";
import { Browse } from "../metrics/Browse";
import { Graphed } from "../metrics/Graphed";
import { PERIODS } from "../metrics/metrics";
import { type Entry, entriesOf, metricsOf } from "../widgets/entries";
import { axesOf, queryOf, withBound } from "./properties";

type Properties = Record<string, unknown>;

interface Props {
  type: string;
  properties: Properties;
  /** What the button says. */
  verb: string;
  /** Nothing when somebody thought better of it. */
  onClose: (properties: Properties | undefined) => void;
}

const TITLES: Record<string, string> = {
  metric: "Graph or numbers",
  text: "Text",
  alarm: "Alarms",
  log: "Logs",
};

/** A widget's settings, by its type. */
export function WidgetEditor({ type, properties, verb, onClose }: Props) {
  const [edited, setEdited] = useState<Properties>(properties);
  const change = (changed: Properties) => setEdited({ ...edited, ...changed });
  const Fields = { metric: MetricFields, text: TextFields, alarm: AlarmFields, log: LogFields }[type];
  return (
    <FormModal
      title={TITLES[type] ?? type}
      verb={verb}
      size={type === "metric" ? "max" : "large"}
      ready
      submit={async () => undefined}
      onClose={(done) => onClose(done ? edited : undefined)}
    >
      {type !== "text" && (
        <FormField label="Title">
          <Input
            value={text(edited.title)}
            onChange={({ detail }) => change({ title: detail.value || undefined })}
          />
        </FormField>
      )}
      {Fields && <Fields edited={edited} change={change} />}
    </FormModal>
  );
}

interface FieldsProps {
  edited: Properties;
  change: (changed: Properties) => void;
}

const text = (value: unknown) => (typeof value === "string" ? value : "");

const VIEWS = [
  { value: "timeSeries", label: "Lines" },
  { value: "singleValue", label: "Numbers" },
  { value: "bar", label: "Bars" },
  { value: "pie", label: "Pie" },
  { value: "gauge", label: "Gauges" },
];

function entriesIn(metrics: unknown): Entry[] {
  try {
    return entriesOf(metrics);
  } catch {
    return [];
  }
}

function MetricFields({ edited, change }: FieldsProps) {
  const [entries, setEntries] = useState(() => entriesIn(edited.metrics));
  const set = (next: Entry[]) => {
    setEntries(next);
    change({ metrics: metricsOf(next), region: text(edited.region) || currentSession().region });
  };
  const period = String(edited.period ?? "");
  const isGraph = !edited.view || edited.view === "timeSeries";
  const bounds = (member: "min" | "max", label: string) => (
    <FormField label={label}>
      <Input
        type="number"
        step="any"
        value={String(axesOf(edited).left[member] ?? "")}
        onChange={({ detail }) =>
          change({
            yAxis: withBound(edited.yAxis, member, detail.value === "" ? undefined : Number(detail.value)),
          })
        }
      />
    </FormField>
  );
  return (
    <>
      <ColumnLayout columns={3}>
        <FormField label="View">
          <Select
            selectedOption={VIEWS.find(({ value }) => value === edited.view) ?? VIEWS[0] ?? null}
            options={VIEWS}
            onChange={({ detail }) => change({ view: detail.selectedOption.value })}
          />
        </FormField>
        <FormField label="Period">
          <Select
            selectedOption={
              PERIODS.find(({ value }) => value === period) ?? { value: period, label: `${period} s` }
            }
            options={PERIODS}
            onChange={({ detail }) => change({ period: Number(detail.selectedOption.value) || undefined })}
          />
        </FormField>
        {isGraph ? (
          <FormField label="Lines">
            <Checkbox
              checked={edited.stacked === true}
              onChange={({ detail }) => change({ stacked: detail.checked })}
            >
              on top of one another
            </Checkbox>
          </FormField>
        ) : (
          <FormField label="Numbers">
            <Checkbox
              checked={edited.setPeriodToTimeRange === true}
              onChange={({ detail }) => change({ setPeriodToTimeRange: detail.checked || undefined })}
            >
              of the whole time, not of the last period
            </Checkbox>
            {edited.view === "singleValue" && (
              <Checkbox
                checked={edited.sparkline === true}
                onChange={({ detail }) => change({ sparkline: detail.checked || undefined })}
              >
                with their time as a small line
              </Checkbox>
            )}
          </FormField>
        )}
        {bounds("min", "Least of the axis")}
        {bounds("max", "Most of the axis")}
      </ColumnLayout>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it only keeps Enter, in a search, from sending the form */}
      <div
        onKeyDown={(event) =>
          event.key === "Enter" && event.target instanceof HTMLInputElement && event.preventDefault()
        }
      >
        <Graphed entries={entries} onChange={set} />
        <Browse entries={entries} onChange={set} />
      </div>
    </>
  );
}

function TextFields({ edited, change }: FieldsProps) {
  return (
    <FormField label="Markdown" description="# heading, **bold**, `code`, [link](https://…), lists, tables">
      <Textarea
        rows={10}
        value={text(edited.markdown)}
        onChange={({ detail }) => change({ markdown: detail.value })}
      />
    </FormField>
  );
}

function AlarmFields({ edited, change }: FieldsProps) {
  const live = useLive(["cloudwatch", "alarms", "arns"], async () => {
    const { MetricAlarms = [], CompositeAlarms = [] } = await cloudwatch().send(
      new DescribeAlarmsCommand({ AlarmTypes: ["MetricAlarm", "CompositeAlarm"], MaxRecords: 100 }),
    );
    return [...MetricAlarms, ...CompositeAlarms].map(({ AlarmArn = "", AlarmName = "" }) => ({
      value: AlarmArn,
      label: AlarmName,
    }));
  });
  const chosen = Array.isArray(edited.alarms) ? edited.alarms.filter((arn) => typeof arn === "string") : [];
  return (
    <FormField label="Alarms">
      <Multiselect
        options={live.data ?? []}
        selectedOptions={chosen.map(
          (arn) => live.data?.find(({ value }) => value === arn) ?? { value: arn, label: arn },
        )}
        onChange={({ detail }) => change({ alarms: detail.selectedOptions.map(({ value }) => value) })}
        filteringType="auto"
        placeholder="Choose alarms"
        empty="There is no alarm yet."
      />
    </FormField>
  );
}

function LogFields({ edited, change }: FieldsProps) {
  const { groups, query } = queryOf(edited.query);
  const live = useLive(["logs", "groups"], () =>
    collect(paginateDescribeLogGroups({ client: aws(CloudWatchLogsClient) }, {}), (page) => page.logGroups),
  );
  const write = (chosen: string[], asked: string) =>
    change({
      query: [...chosen.map((group) => `SOURCE '${group}'`), asked].join(" | "),
      region: text(edited.region) || currentSession().region,
      view: "table",
    });
  return (
    <>
      <FormField label="Log groups">
        <Multiselect
          options={(live.data ?? []).map(({ logGroupName = "" }) => ({
            value: logGroupName,
            label: logGroupName,
          }))}
          selectedOptions={groups.map((group) => ({ value: group, label: group }))}
          onChange={({ detail }) =>
            write(
              detail.selectedOptions.map(({ value = "" }) => value),
              query,
            )
          }
          filteringType="auto"
          placeholder="Choose log groups"
        />
      </FormField>
      <FormField
        label="Query"
        description="Logs Insights: fields @timestamp, @message | filter @message like /error/ | sort @timestamp desc | limit 20"
      >
        <Textarea
          rows={6}
          value={query}
          onChange={({ detail }) => write(groups, detail.value)}
          spellcheck={false}
        />
      </FormField>
    </>
  );
}
