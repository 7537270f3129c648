import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { type CandidateWish, NO_CANDIDATE, type Site, type Wish } from "./plan";
import { Recorded } from "./Recorded";

interface Props {
  wish: Wish;
  onChange: (wish: Wish) => void;
}

const SITES = [
  { id: "endpoint", text: "An endpoint" },
  { id: "function", text: "A function" },
];

/** A plan as a form. */
export function PlanForm({ wish, onChange }: Props) {
  const change = (part: Partial<Wish>) => onChange({ ...wish, ...part });
  const field = (label: string, name: keyof Wish, hint?: string) => (
    <FormField label={label} constraintText={hint}>
      <Input
        value={String(wish[name])}
        onChange={({ detail }) => change({ [name]: detail.value })}
        spellcheck={false}
      />
    </FormField>
  );
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <SegmentedControl
              label="What is rehearsed"
              selectedId={wish.site}
              options={SITES}
              onChange={({ detail }) => change({ site: detail.selectedId as Site })}
            />
          }
        >
          Plan
        </Header>
      }
    >
      <SpaceBetween size="m">
        <FormField
          label="Traffic"
          description="Requests a second, one after another: 5 for 10m, ramp 1 to 20 for 1h, wave 5 to 50 every 24h"
          secondaryControl={
            wish.site === "endpoint" ? <Recorded onTaken={(taken) => change(taken)} /> : undefined
          }
          stretch
        >
          <Textarea
            value={wish.traffic}
            onChange={({ detail }) => change({ traffic: detail.value })}
            rows={2}
            spellcheck={false}
          />
        </FormField>
        <ColumnLayout columns={4} minColumnWidth={140}>
          {field("Half take at most", "p50", "such as 350ms")}
          {field("99 of 100 at most", "p99")}
          {wish.site === "endpoint" ? field("Instance type", "instanceType") : field("Memory", "memory")}
          {wish.site === "endpoint"
            ? field("An instance starts in", "startup", "4m on AWS, more or less")
            : field("A cold start takes", "coldStart")}
          {wish.site === "endpoint" && field("At once in each instance", "concurrency")}
          {field("Objective", "objective", "such as p99 <= 300ms, errors <= 1%")}
        </ColumnLayout>
        <Candidates wish={wish} onChange={(candidates) => change({ candidates })} />
      </SpaceBetween>
    </Container>
  );
}

interface CandidatesProps {
  wish: Wish;
  onChange: (candidates: CandidateWish[]) => void;
}

function Candidates({ wish, onChange }: CandidatesProps) {
  const { candidates, site } = wish;
  const columns: [keyof CandidateWish, string][] = [
    ["name", "Name"],
    ["fixed", site === "endpoint" ? "Instances, fixed" : "Kept warm, fixed"],
    ...(site === "function" ? ([["reserved", "Reserved"]] as [keyof CandidateWish, string][]) : []),
    ["target", site === "endpoint" ? "Target a minute" : "Target, 0 to 1"],
    ["min", "At least"],
    ["max", "At most"],
  ];
  return (
    <FormField label="Settings to compare" stretch>
      <AttributeEditor
        items={candidates}
        addButtonText="Add settings"
        removeButtonText="Remove"
        onAddButtonClick={() =>
          onChange([...candidates, { ...NO_CANDIDATE, name: `settings ${candidates.length + 1}` }])
        }
        onRemoveButtonClick={({ detail }) =>
          onChange(candidates.filter((_, place) => place !== detail.itemIndex))
        }
        empty="None: it searches."
        gridLayout={[{ rows: [columns.map(() => 1)], removeButton: { width: "auto" } }]}
        definition={columns.map(([name, label]) => ({
          label,
          control: (candidate: CandidateWish, place: number) => (
            <Input
              value={candidate[name]}
              spellcheck={false}
              onChange={({ detail }) =>
                onChange(
                  candidates.map((one, index) => (index === place ? { ...one, [name]: detail.value } : one)),
                )
              }
            />
          ),
        }))}
      />
    </FormField>
  );
}
