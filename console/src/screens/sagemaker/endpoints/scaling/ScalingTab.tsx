import {
  ApplicationAutoScalingClient,
  DeregisterScalableTargetCommand,
  DescribeScalableTargetsCommand,
  DescribeScalingActivitiesCommand,
  DescribeScalingPoliciesCommand,
  type ScalableTarget,
  type ScalingPolicy,
} from "@aws-sdk/client-application-auto-scaling";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo, useState } from "react";
import { aws } from "../../../../aws/client";
import { GoTo } from "../../../../blocks/links/GoTo";
import type { Column } from "../../../../blocks/list/columns";
import { ResourceList } from "../../../../blocks/list/ResourceList";
import { useLive } from "../../../../live/useLive";
import { DECISIONS, decisionId } from "../../../platform/scaling/decisions";
import { wordsOf } from "../../../platform/scaling/words";
import { ScaleModal } from "./ScaleModal";

const ServiceNamespace = "sagemaker" as const;
const autoscaling = () => aws(ApplicationAutoScalingClient);

interface Target extends ScalableTarget {
  policies: ScalingPolicy[];
}

async function readTargets(endpoint: string, variants: string[]): Promise<Target[]> {
  const ResourceIds = variants.map((variant) => `endpoint/${endpoint}/variant/${variant}`);
  const { ScalableTargets = [] } = await autoscaling().send(
    new DescribeScalableTargetsCommand({ ServiceNamespace, ResourceIds }),
  );
  return Promise.all(
    ScalableTargets.map(async (target) => {
      const asked = new DescribeScalingPoliciesCommand({ ServiceNamespace, ResourceId: target.ResourceId });
      return { ...target, policies: (await autoscaling().send(asked)).ScalingPolicies ?? [] };
    }),
  );
}

const variantOf = (target: ScalableTarget) => target.ResourceId?.split("/").at(-1) ?? "";

const TARGETS: Column<Target>[] = [
  {
    id: "variant",
    header: "Variant",
    value: variantOf,
    cell: (target) => (
      <GoTo to={`/sagehen/scaling?target=${encodeURIComponent(target.ResourceId ?? "")}`}>
        {variantOf(target)}
      </GoTo>
    ),
  },
  { id: "range", header: "Instances", value: (target) => `${target.MinCapacity} to ${target.MaxCapacity}` },
  {
    id: "policies",
    header: "Policies",
    value: (target) => target.policies.map(wordsOf).join(", ") || "none",
    width: 420,
  },
];

/** How an endpoint follows its load: between which bounds, by which policy, what was done and why. */
export function ScalingTab({ endpoint, variants }: { endpoint: string; variants: string[] }) {
  const [scaling, setScaling] = useState(false);
  const names = variants.join(" ");
  const targets = useLive(["autoscaling", `targets ${endpoint}`, names], () =>
    readTargets(endpoint, variants),
  );
  const activities = useLive(["autoscaling", `activities ${endpoint}`, names], async () => {
    const found = await Promise.all(
      variants.map((variant) =>
        autoscaling().send(
          new DescribeScalingActivitiesCommand({
            ServiceNamespace,
            ResourceId: `endpoint/${endpoint}/variant/${variant}`,
            MaxResults: 50,
            IncludeNotScaledActivities: true,
          }),
        ),
      ),
    );
    return found.flatMap(({ ScalingActivities = [] }) => ScalingActivities);
  });
  const free = useMemo(
    () => variants.filter((variant) => !(targets.data ?? []).some((target) => variantOf(target) === variant)),
    [variants, targets.data],
  );
  return (
    <SpaceBetween size="l">
      <ResourceList
        id="sagemaker.scalingTargets"
        words={{ one: "scaling target", many: "scaling targets" }}
        variant="container"
        live={targets}
        idOf={variantOf}
        columns={TARGETS}
        remove={({ ResourceId, ScalableDimension }) =>
          autoscaling().send(
            new DeregisterScalableTargetCommand({ ServiceNamespace, ResourceId, ScalableDimension }),
          )
        }
        removal={{
          consequence:
            "Its policies, schedules and their own alarms go; alarms that call steps stay, and so do its instances.",
        }}
        description="A variant's page has its policies, its schedules, and what was decided."
        create={
          <Button disabled={variants.length === 0} onClick={() => setScaling(true)}>
            Follow the load
          </Button>
        }
        empty={{ hint: "Its instances stay as many as they are. Let it follow its load." }}
      />
      <ResourceList
        id="sagemaker.scalingActivities"
        words={{ one: "scaling activity", many: "scaling activities" }}
        variant="container"
        live={activities}
        idOf={decisionId}
        columns={DECISIONS}
        sortedBy={{ column: "at", descending: true }}
        empty={{ hint: "Nothing was scaled yet." }}
      />
      {scaling && (
        <ScaleModal
          endpoint={endpoint}
          variants={free.length > 0 ? free : variants}
          onClose={() => {
            setScaling(false);
            targets.refresh();
          }}
        />
      )}
    </SpaceBetween>
  );
}
