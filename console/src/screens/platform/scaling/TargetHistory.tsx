import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { Curves } from "../../../blocks/charts/Curves";
import { useMetrics } from "../../../blocks/charts/useMetrics";
import { GoTo } from "../../../blocks/links/GoTo";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { useNow } from "../../../blocks/useNow";
import { type Live, useLive } from "../../../live/useLive";
import { DECISIONS, decisionId } from "./decisions";
import { PolicyTable } from "./policies/PolicyTable";
import { ScheduleTable } from "./schedules/ScheduleTable";
import { readActivities, type Target } from "./targets";
import { addressOf, loadOf, nameOf, nounOf, stepsOf } from "./words";

const RANGES = [
  { id: "60", text: "1 hour" },
  { id: "360", text: "6 hours" },
  { id: "1440", text: "1 day" },
];

/** One target: its load against its capacity on one axis of time, by what it scales, and every decision with its cause. */
export function TargetHistory({ target, live }: { target: Target; live: Live<Target[]> }) {
  const [minutes, setMinutes] = useState("60");
  const now = useNow(30_000);
  const id = target.ResourceId ?? "";
  const load = loadOf(target, target.policies);
  const metrics = useMetrics(`scaling ${id}`, [load.wanted], { minutes: Number(minutes) });
  const activities = useLive(["autoscaling", `history ${id}`], () => readActivities(target));
  const domain: [Date, Date] = [new Date(now - Number(minutes) * 60_000), new Date(now)];
  const steps = stepsOf(activities.data ?? [], target.capacity?.desired, ...domain);
  const within = (metrics.data ?? []).map(({ title, points }) => ({
    title,
    points: points.filter(({ x }) => x >= domain[0] && x <= domain[1]),
  }));
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header
            variant="h2"
            description={<GoTo to={addressOf(target)}>{id}</GoTo>}
            actions={
              <SegmentedControl
                label="Time"
                selectedId={minutes}
                options={RANGES}
                onChange={({ detail }) => setMinutes(detail.selectedId)}
              />
            }
          >
            {nameOf(target)}
          </Header>
        }
      >
        <SpaceBetween size="m">
          <Curves
            label="Load"
            curves={within}
            lines={load.lines}
            domain={domain}
            scale="time"
            yTitle={load.unit}
            height={160}
            empty={metrics.refusal?.message ?? "It was not asked for anything in this time."}
          />
          <Curves
            label="Capacity"
            curves={steps.length > 0 ? [{ title: nounOf(target), points: steps }] : []}
            lines={[
              { title: "least", value: target.MinCapacity ?? 0 },
              { title: "most", value: target.MaxCapacity ?? 0 },
            ]}
            domain={domain}
            scale="time"
            yTitle={nounOf(target)}
            height={160}
            empty={activities.refusal?.message ?? "Its capacity may not be seen."}
          />
        </SpaceBetween>
      </Container>
      <PolicyTable target={target} live={{ ...live, data: target.policies }} />
      <ScheduleTable target={target} onChanged={live.refresh} />
      <ResourceList
        id="sagehen.scalingActivities"
        words={{ one: "decision", many: "decisions" }}
        variant="container"
        live={activities}
        idOf={decisionId}
        columns={DECISIONS}
        sortedBy={{ column: "at", descending: true }}
        empty={{ hint: "Nothing was decided yet: an alarm of one of its policies has to go off first." }}
      />
    </SpaceBetween>
  );
}
