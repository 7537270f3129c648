import Autosuggest from "@cloudscape-design/components/autosuggest";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import Toggle from "@cloudscape-design/components/toggle";
import { colorOf } from "../../../blocks/graph/colors";
import { type Entry, freeId, titleOf } from "../widgets/entries";
import { PERIODS, STATISTICS } from "./metrics";

interface Props {
  entries: Entry[];
  onChange: (entries: Entry[]) => void;
  /** Absent where no alarm can be made of a line. */
  onAlarm?: (entry: Entry) => void;
}

const SIDES = [
  { value: "left", label: "left" },
  { value: "right", label: "right" },
];

/** The lines of a graph: what each shows, and how. */
export function Graphed({ entries, onChange, onAlarm }: Props) {
  const change = (entry: Entry, changed: Partial<Entry>) =>
    onChange(entries.map((one) => (one.id === entry.id ? { ...one, ...changed } : one)));
  const math = () =>
    onChange([
      ...entries,
      {
        id: freeId(entries, [], "e"),
        namespace: "",
        metric: "",
        dimensions: [],
        expression: entries.length > 1 ? "SUM(METRICS())" : `${entries[0]?.id ?? "m1"} * 1`,
        side: "left",
        visible: true,
      },
    ]);
  return (
    <Table
      variant="embedded"
      trackBy="id"
      items={entries}
      ariaLabels={{ tableLabel: "Graphed metrics" }}
      empty="Choose metrics below; they appear here."
      header={
        <Header
          variant="h3"
          counter={`(${entries.length})`}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button formAction="none" disabled={entries.length === 0} onClick={() => onChange([])}>
                Clear
              </Button>
              <Button formAction="none" disabled={entries.length === 0} onClick={math}>
                Add math
              </Button>
            </SpaceBetween>
          }
        >
          In the graph
        </Header>
      }
      columnDefinitions={[
        {
          id: "shown",
          header: "Id",
          width: 110,
          cell: (entry) => (
            <Toggle
              checked={entry.visible}
              onChange={({ detail }) => change(entry, { visible: detail.checked })}
              ariaLabel={`Show ${entry.id}`}
            >
              <span style={{ whiteSpace: "nowrap" }}>
                <span
                  className="swatch"
                  style={{ background: entry.color ?? colorOf(entries.indexOf(entry)) }}
                />
                {entry.id}
              </span>
            </Toggle>
          ),
        },
        {
          id: "what",
          header: "What",
          minWidth: 240,
          cell: (entry) =>
            entry.expression === undefined ? (
              <>
                {entry.namespace} · {titleOf({ ...entry, label: undefined })}
              </>
            ) : (
              <Input
                value={entry.expression}
                onChange={({ detail }) => change(entry, { expression: detail.value })}
                ariaLabel={`Expression ${entry.id}`}
                spellcheck={false}
              />
            ),
        },
        {
          id: "label",
          header: "Label",
          minWidth: 140,
          cell: (entry) => (
            <Input
              value={entry.label ?? ""}
              onChange={({ detail }) => change(entry, { label: detail.value || undefined })}
              ariaLabel={`Label of ${entry.id}`}
            />
          ),
        },
        {
          id: "stat",
          header: "Statistic",
          width: 150,
          cell: (entry) =>
            entry.expression === undefined ? (
              <Autosuggest
                value={entry.stat ?? "Average"}
                options={STATISTICS.map((value) => ({ value }))}
                filteringType="none"
                onChange={({ detail }) => change(entry, { stat: detail.value })}
                enteredTextLabel={(text) => `Take ${text}`}
                ariaLabel={`Statistic of ${entry.id}`}
                expandToViewport
              />
            ) : (
              "–"
            ),
        },
        {
          id: "period",
          header: "Period",
          width: 120,
          cell: (entry) =>
            entry.expression === undefined ? (
              <Select
                selectedOption={
                  PERIODS.find(({ value }) => value === String(entry.period ?? "")) ?? {
                    value: String(entry.period),
                    label: `${entry.period} s`,
                  }
                }
                options={PERIODS}
                onChange={({ detail }) =>
                  change(entry, { period: Number(detail.selectedOption.value) || undefined })
                }
                ariaLabel={`Period of ${entry.id}`}
                expandToViewport
              />
            ) : (
              "–"
            ),
        },
        {
          id: "axis",
          header: "Axis",
          width: 110,
          cell: (entry) => (
            <Select
              selectedOption={SIDES.find(({ value }) => value === entry.side) ?? null}
              options={SIDES}
              onChange={({ detail }) =>
                change(entry, { side: detail.selectedOption.value === "right" ? "right" : "left" })
              }
              ariaLabel={`Axis of ${entry.id}`}
              expandToViewport
            />
          ),
        },
        {
          id: "actions",
          header: "Actions",
          width: 110,
          cell: (entry) => (
            <SpaceBetween direction="horizontal" size="xxs">
              {onAlarm && (
                <Button
                  formAction="none"
                  variant="icon"
                  iconName="notification"
                  ariaLabel={`Make an alarm of ${entry.id}`}
                  onClick={() => onAlarm(entry)}
                />
              )}
              <Button
                formAction="none"
                variant="icon"
                iconName="remove"
                ariaLabel={`Take ${entry.id} out of the graph`}
                onClick={() => onChange(entries.filter((one) => one.id !== entry.id))}
              />
            </SpaceBetween>
          ),
        },
      ]}
    />
  );
}
