import {
  ApplicationAutoScalingClient,
  DeleteScheduledActionCommand,
  paginateDescribeScheduledActions,
  type ScheduledAction,
} from "@aws-sdk/client-application-auto-scaling";
import Button from "@cloudscape-design/components/button";
import { useMemo, useState } from "react";
import { aws } from "../../../../aws/client";
import { collect } from "../../../../aws/collect";
import type { Column } from "../../../../blocks/list/columns";
import { ResourceList } from "../../../../blocks/list/ResourceList";
import { useNow } from "../../../../blocks/useNow";
import { useLive } from "../../../../live/useLive";
import { ofTarget } from "../policies/form";
import type { Target } from "../targets";
import { NextTimes } from "./NextTimes";
import { nextTimes } from "./next";
import { ScheduleModal } from "./ScheduleModal";

const nameOf = (action: ScheduledAction) => action.ScheduledActionName ?? "";

/** What the browser cannot read it does not tell: the platform took it. */
function timesOf(action: ScheduledAction, now: number): Date[] {
  const { Schedule = "", Timezone = "UTC", StartTime, CreationTime, EndTime } = action;
  try {
    return nextTimes(Schedule, Timezone, new Date(now), {
      start: StartTime,
      end: EndTime,
      made: CreationTime,
    });
  } catch {
    return [];
  }
}

const boundsOf = ({ ScalableTargetAction: bounds }: ScheduledAction) =>
  [
    bounds?.MinCapacity === undefined ? "" : `at least ${bounds.MinCapacity}`,
    bounds?.MaxCapacity === undefined ? "" : `at most ${bounds.MaxCapacity}`,
  ]
    .filter(Boolean)
    .join(", ");

const columnsOf = (now: number): Column<ScheduledAction>[] => [
  { id: "name", header: "Scheduled action", value: nameOf, width: 220 },
  { id: "schedule", header: "Schedule", value: (action) => action.Schedule, width: 200 },
  { id: "zone", header: "Time zone", value: (action) => action.Timezone ?? "UTC", width: 120 },
  { id: "bounds", header: "Then", value: boundsOf, width: 180 },
  {
    id: "next",
    header: "Next times",
    value: (action) => timesOf(action, now)[0],
    cell: (action) => <NextTimes times={timesOf(action, now)} zone={action.Timezone ?? "UTC"} />,
    width: 240,
  },
];

/** New bounds of a target, by the clock. */
export function ScheduleTable({ target, onChanged }: { target: Target; onChanged: () => void }) {
  const [open, setOpen] = useState<"new" | ScheduledAction>();
  const now = useNow(30_000);
  const columns = useMemo(() => columnsOf(now), [now]);
  const of = ofTarget(target);
  const live = useLive(["autoscaling", `schedules ${target.ResourceId}`], () =>
    collect(
      paginateDescribeScheduledActions({ client: aws(ApplicationAutoScalingClient) }, of),
      (page) => page.ScheduledActions,
    ),
  );
  return (
    <>
      <ResourceList
        id="sagehen.scheduledActions"
        words={{ one: "scheduled action", many: "scheduled actions" }}
        variant="container"
        live={live}
        idOf={nameOf}
        columns={columns}
        sortedBy={{ column: "next" }}
        actions={[{ id: "edit", text: "Edit", single: true, run: ([action]) => setOpen(action) }]}
        remove={(action) =>
          aws(ApplicationAutoScalingClient).send(
            new DeleteScheduledActionCommand({ ...of, ScheduledActionName: nameOf(action) }),
          )
        }
        removal={{ consequence: "Bounds that it has set stay." }}
        create={<Button onClick={() => setOpen("new")}>Add scheduled action</Button>}
        empty={{ hint: "Its bounds are the same at all hours. Let a schedule change them." }}
      />
      {open && (
        <ScheduleModal
          target={target}
          action={open === "new" ? undefined : open}
          onClose={(done) => {
            setOpen(undefined);
            if (!done) return;
            live.refresh();
            onChanged();
          }}
        />
      )}
    </>
  );
}
