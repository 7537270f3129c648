import {
  ApplicationAutoScalingClient,
  type MetricType,
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
  type ScalableDimension,
  type ServiceNamespace,
} from "@aws-sdk/client-application-auto-scaling";
import { LambdaClient, paginateListAliases, paginateListVersionsByFunction } from "@aws-sdk/client-lambda";
import { DescribeEndpointCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { aws } from "../../../aws/client";
import { collect } from "../../../aws/collect";

export type Kind = "sagemaker" | "lambda";

interface Words {
  dimension: ScalableDimension;
  metric: MetricType;
  policy: string;
  /** Of its parts: `AllTraffic` of an endpoint, `live` of a function. */
  id: (first: string, second: string) => string;
}

const WORDS: Record<Kind, Words> = {
  sagemaker: {
    dimension: "sagemaker:variant:DesiredInstanceCount",
    metric: "SageMakerVariantInvocationsPerInstance",
    policy: "requests-per-instance",
    id: (endpoint, variant) => `endpoint/${endpoint}/variant/${variant}`,
  },
  lambda: {
    dimension: "lambda:function:ProvisionedConcurrency",
    metric: "LambdaProvisionedConcurrencyUtilization",
    policy: "utilization",
    id: (name, qualifier) => `function:${name}:${qualifier}`,
  },
};

export interface Bounds {
  least: string;
  most: string;
  target: string;
}

/** Lets something follow its load: registers it with its bounds, and gives it a policy that tracks a target. */
export async function follow(kind: Kind, first: string, second: string, bounds: Bounds): Promise<void> {
  const { dimension, metric, policy, id } = WORDS[kind];
  const of = {
    ServiceNamespace: kind as ServiceNamespace,
    ResourceId: id(first, second),
    ScalableDimension: dimension,
  };
  const client = aws(ApplicationAutoScalingClient);
  await client.send(
    new RegisterScalableTargetCommand({
      ...of,
      MinCapacity: Number(bounds.least),
      MaxCapacity: Number(bounds.most),
    }),
  );
  await client.send(
    new PutScalingPolicyCommand({
      ...of,
      PolicyName: policy,
      PolicyType: "TargetTrackingScaling",
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: Number(bounds.target),
        PredefinedMetricSpecification: { PredefinedMetricType: metric },
      },
    }),
  );
}

/** What of an endpoint or a function can scale: its variants, its aliases and published versions. */
export async function partsThatScale(kind: Kind, name: string): Promise<string[]> {
  if (kind === "sagemaker") {
    const endpoint = await aws(SageMakerClient).send(new DescribeEndpointCommand({ EndpointName: name }));
    return (endpoint.ProductionVariants ?? []).map(({ VariantName = "" }) => VariantName);
  }
  const asked = { FunctionName: name };
  const client = aws(LambdaClient);
  const [aliases, versions] = await Promise.all([
    collect(paginateListAliases({ client }, asked), (page) => page.Aliases),
    collect(paginateListVersionsByFunction({ client }, asked), (page) => page.Versions),
  ]);
  return [
    ...aliases.map(({ Name = "" }) => Name),
    ...versions.map(({ Version = "" }) => Version).filter((version) => version !== "$LATEST"),
  ];
}
