import {
  ApplicationAutoScalingClient,
  DeregisterScalableTargetCommand,
  RegisterScalableTargetCommand,
} from "@aws-sdk/client-application-auto-scaling";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { aws } from "../../../aws/client";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Action } from "../../../blocks/list/actions";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { Page } from "../../../blocks/Page";
import { Status } from "../../../blocks/Status";
import { useLive } from "../../../live/useLive";
import { FollowModal } from "./FollowModal";
import { Functions } from "./Functions";
import { TargetHistory } from "./TargetHistory";
import { readTargets, type Target } from "./targets";
import { addressOf, nameOf, wordsOf } from "./words";

const idOf = (target: Target) => target.ResourceId ?? "";

const isSuspended = ({ SuspendedState: state }: Target) =>
  Boolean(
    state?.DynamicScalingInSuspended || state?.DynamicScalingOutSuspended || state?.ScheduledScalingSuspended,
  );

const capacityIn = ({ capacity }: Target) =>
  capacity?.now === capacity?.desired
    ? `${capacity?.now ?? "–"}`
    : `${capacity?.now ?? 0} of ${capacity?.desired}`;

const columns: Column<Target>[] = [
  {
    id: "name",
    header: "What",
    value: nameOf,
    cell: (target) => (
      <GoTo to={`/sagehen/scaling?target=${encodeURIComponent(idOf(target))}`}>{nameOf(target)}</GoTo>
    ),
    width: 260,
  },
  { id: "service", header: "Service", value: (target) => target.ServiceNamespace, width: 130 },
  {
    id: "resource",
    header: "Resource",
    value: idOf,
    cell: (target) => <GoTo to={addressOf(target)}>{idOf(target)}</GoTo>,
    width: 320,
    hidden: true,
  },
  { id: "now", header: "Capacity", value: capacityIn, width: 130 },
  {
    id: "range",
    header: "Bounds",
    value: (target) => `${target.MinCapacity} to ${target.MaxCapacity}`,
    width: 120,
  },
  {
    id: "state",
    header: "State",
    value: (target) => (isSuspended(target) ? "Suspended" : "Active"),
    cell: (target) => <Status of={isSuspended(target) ? "Suspended" : "Active"} />,
    width: 130,
  },
  {
    id: "policies",
    header: "Policies",
    value: (target) => target.policies.map(wordsOf).join(", ") || "none",
    width: 420,
  },
];

const suspend = (suspended: boolean) => (targets: Target[]) =>
  Promise.all(
    targets.map(({ ServiceNamespace, ResourceId, ScalableDimension }) =>
      aws(ApplicationAutoScalingClient).send(
        new RegisterScalableTargetCommand({
          ServiceNamespace,
          ResourceId,
          ScalableDimension,
          SuspendedState: {
            DynamicScalingInSuspended: suspended,
            DynamicScalingOutSuspended: suspended,
            ScheduledScalingSuspended: suspended,
          },
        }),
      ),
    ),
  );

const actions: Action<Target>[] = [
  {
    id: "suspend",
    text: "Suspend",
    refuses: (target) => (isSuspended(target) ? "It is suspended." : undefined),
    run: suspend(true),
  },
  {
    id: "resume",
    text: "Resume",
    refuses: (target) => (isSuspended(target) ? undefined : "It is not suspended."),
    run: suspend(false),
  },
];

/** Everything that scales: between which bounds, by which policy, what was decided and why; and who takes concurrency. */
export default function ScalingPage() {
  const [search] = useSearchParams();
  const [following, setFollowing] = useState(false);
  const live = useLive(["autoscaling", "all targets"], readTargets, {
    changing: (targets) => targets.some(({ capacity }) => capacity?.now !== capacity?.desired),
  });
  const targets = live.data ?? [];
  const chosen = targets.find((target) => idOf(target) === search.get("target")) ?? targets[0];
  return (
    <Page
      crumbs={[{ text: "Scaling and concurrency" }]}
      title="Scaling and concurrency"
      description="What follows its load, what was decided about it and why, and how much of the account's concurrency is taken."
    >
      <ResourceList
        id="sagehen.scalingTargets"
        words={{ one: "scaling target", many: "scaling targets" }}
        variant="container"
        live={live}
        idOf={idOf}
        columns={columns}
        actions={actions}
        remove={({ ServiceNamespace, ResourceId, ScalableDimension }) =>
          aws(ApplicationAutoScalingClient).send(
            new DeregisterScalableTargetCommand({ ServiceNamespace, ResourceId, ScalableDimension }),
          )
        }
        removal={{
          consequence:
            "Its policies, schedules and their own alarms go; alarms that call steps stay, and so does its capacity.",
        }}
        create={
          <Button variant="primary" onClick={() => setFollowing(true)}>
            Follow the load
          </Button>
        }
        empty={{
          hint: "Nothing follows its load. Let a variant of an endpoint do so, or an alias of a function.",
        }}
      />
      {chosen && <TargetHistory key={idOf(chosen)} target={chosen} live={live} />}
      <Functions />
      {following && (
        <FollowModal
          onClose={() => {
            setFollowing(false);
            live.refresh();
          }}
        />
      )}
    </Page>
  );
}
