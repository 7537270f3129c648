import {
  ApplicationAutoScalingClient,
  paginateDescribeScalableTargets,
  paginateDescribeScalingActivities,
  paginateDescribeScalingPolicies,
  type ScalableTarget,
  type ScalingActivity,
  type ScalingPolicy,
  type ServiceNamespace,
} from "@aws-sdk/client-application-auto-scaling";
import { GetProvisionedConcurrencyConfigCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { DescribeEndpointCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { aws } from "../../../aws/client";
import { collect } from "../../../aws/collect";
import { isMissing } from "../../../aws/refusal";
import { partsOf } from "./words";

const NAMESPACES: ServiceNamespace[] = ["sagemaker", "lambda"];
/** Of one target: what a picture of a day has room for. */
const MOST_ACTIVITIES = 200;

export interface Target extends ScalableTarget {
  policies: ScalingPolicy[];
  /** What it has now, and what it is on its way to; nothing where that may not be seen, or is gone. */
  capacity: { now: number | undefined; desired: number | undefined } | undefined;
}

const autoscaling = () => aws(ApplicationAutoScalingClient);

/** Every scaling target with its policies and its capacity. */
export async function readTargets(): Promise<Target[]> {
  const found = await Promise.all(NAMESPACES.map(readNamespace));
  return found.flat();
}

async function readNamespace(namespace: ServiceNamespace): Promise<Target[]> {
  const paged = { client: autoscaling() };
  const asked = { ServiceNamespace: namespace };
  const [targets, policies] = await Promise.all([
    collect(paginateDescribeScalableTargets(paged, asked), (page) => page.ScalableTargets),
    collect(paginateDescribeScalingPolicies(paged, asked), (page) => page.ScalingPolicies),
  ]);
  return Promise.all(
    targets.map(async (target) => ({
      ...target,
      policies: policies.filter(({ ResourceId }) => ResourceId === target.ResourceId),
      capacity: await capacityOf(target).catch((error: unknown) => {
        if (isMissing(error)) return undefined;
        throw error;
      }),
    })),
  );
}

async function capacityOf(target: ScalableTarget): Promise<Target["capacity"]> {
  const { first, second } = partsOf(target);
  if (target.ServiceNamespace === "sagemaker") {
    const endpoint = await aws(SageMakerClient).send(new DescribeEndpointCommand({ EndpointName: first }));
    const variant = endpoint.ProductionVariants?.find(({ VariantName }) => VariantName === second);
    return variant && { now: variant.CurrentInstanceCount, desired: variant.DesiredInstanceCount };
  }
  const kept = await aws(LambdaClient).send(
    new GetProvisionedConcurrencyConfigCommand({ FunctionName: first, Qualifier: second }),
  );
  return {
    now: kept.AvailableProvisionedConcurrentExecutions,
    desired: kept.RequestedProvisionedConcurrentExecutions,
  };
}

/** What was decided about a target, the newest first; also where nothing was to be scaled, and why. */
export const readActivities = (target: ScalableTarget): Promise<ScalingActivity[]> =>
  collect(
    paginateDescribeScalingActivities(
      { client: autoscaling() },
      {
        ServiceNamespace: target.ServiceNamespace,
        ResourceId: target.ResourceId,
        ScalableDimension: target.ScalableDimension,
        IncludeNotScaledActivities: true,
      },
    ),
    (page) => page.ScalingActivities,
    MOST_ACTIVITIES,
  );
