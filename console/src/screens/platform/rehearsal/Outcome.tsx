import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { Curves } from "../../../blocks/charts/Curves";
import { duration } from "../../../blocks/formats/amounts";
import { dollars } from "../cost/dollars";
import { reasonOf } from "../scaling/words";
import { curvesOf, type Found, type FoundCandidate, lostOf, perMonth } from "./found";

const ms = (value = 0) => `${Math.round(value).toLocaleString("en-US")} ms`;

/** What came of it: the settings beside one another, what to take and why, and one run in pictures. */
export function Outcome({ found, noun }: { found: Found; noun: string }) {
  const [name, setName] = useState<string>();
  const { candidates, recommended, words, seconds, prices } = found;
  const shown =
    candidates.find((one) => one.name === name) ??
    candidates.find((one) => one.name === recommended) ??
    candidates[0];
  return (
    <SpaceBetween size="l">
      <Table<FoundCandidate>
        variant="container"
        header={
          <Header
            variant="h2"
            description={`${duration(seconds * 1000)} of traffic. Prices: ${prices.region}, ${prices.date}, ${prices.source}.`}
          >
            What came of it
          </Header>
        }
        items={candidates}
        trackBy="name"
        selectionType="single"
        selectedItems={shown ? [shown] : []}
        onSelectionChange={({ detail }) => setName(detail.selectedItems[0]?.name)}
        ariaLabels={{
          tableLabel: "Settings",
          selectionGroupLabel: "Which run is drawn",
          itemSelectionLabel: (_, one) => one.name,
        }}
        columnDefinitions={[
          {
            id: "name",
            header: "Settings",
            cell: (one) => (one.name === recommended ? <strong>→ {one.name}</strong> : one.name),
            isRowHeader: true,
          },
          { id: "p50", header: "p50", cell: (one) => ms(one.latency_ms.p50) },
          { id: "p99", header: "p99", cell: (one) => ms(one.latency_ms.p99) },
          { id: "lost", header: "Not answered", cell: (one) => `${(lostOf(one) * 100).toFixed(2)} %` },
          { id: "cold", header: "Cold starts", cell: (one) => one.requests.cold_starts },
          { id: "month", header: "A month", cell: (one) => dollars(perMonth(one, seconds)) },
          {
            id: "meets",
            header: found.objective ?? "Objective",
            cell: ({ meets_objective: meets }) =>
              meets === null ? (
                "–"
              ) : (
                <StatusIndicator type={meets ? "success" : "error"}>
                  {meets ? "holds" : "missed"}
                </StatusIndicator>
              ),
          },
        ]}
        footer={
          words.length > 0 ? (
            <ul>
              {words.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          ) : undefined
        }
      />
      {shown && <Run key={shown.name} run={shown} noun={noun} minutes={seconds / 60} />}
    </SpaceBetween>
  );
}

function Run({ run, noun, minutes }: { run: FoundCandidate; noun: string; minutes: number }) {
  const { load, capacity, latency } = curvesOf(run.series);
  const picture = { scale: "linear" as const, height: 130, domain: [0, minutes] as [number, number] };
  return (
    <Container header={<Header variant="h2">{run.name}, minute by minute</Header>}>
      <SpaceBetween size="m">
        <Curves {...picture} label="Load" curves={load} yTitle="requests a second" empty="Nothing came." />
        <Curves {...picture} label="Capacity" curves={capacity} yTitle={noun} empty="None." />
        <Curves
          {...picture}
          label="Latency"
          curves={latency}
          xTitle="minutes"
          yTitle="milliseconds"
          empty="Nothing was answered."
        />
        {run.activities.length === 0 ? (
          <Box color="text-body-secondary">Nothing was scaled.</Box>
        ) : (
          <Table
            variant="embedded"
            header={<Header variant="h3">What was decided</Header>}
            items={run.activities}
            columnDefinitions={[
              { id: "at", header: "After", cell: (one) => duration(one.seconds * 1000) || "0 s" },
              { id: "what", header: noun, cell: (one) => `${one.from} → ${one.to}` },
              { id: "why", header: "Why", cell: (one) => one.cause },
              {
                id: "not",
                header: "Not scaled, since",
                cell: (one) => (one.not_scaled ? reasonOf(one.not_scaled) : "–"),
              },
            ]}
          />
        )}
      </SpaceBetween>
    </Container>
  );
}
