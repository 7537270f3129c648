import { CloudWatchClient, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { DescribeEndpointCommand, paginateListEndpoints, SageMakerClient } from "@aws-sdk/client-sagemaker";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import { useState } from "react";
import { notify } from "../../../app/notices";
import { aws } from "../../../aws/client";
import { collect } from "../../../aws/collect";
import { useLive } from "../../../live/useLive";
import { trafficOf, type Wish } from "./plan";

const HOURS = 24;
const PERIOD_S = 300;

/** The load of an endpoint's first variant of the last day, and how long its model took, as parts of a plan. */
async function recorded(EndpointName: string): Promise<Partial<Wish>> {
  const endpoint = await aws(SageMakerClient).send(new DescribeEndpointCommand({ EndpointName }));
  const VariantName = endpoint.ProductionVariants?.[0]?.VariantName ?? "";
  const until = Math.floor(Date.now() / 1000 / PERIOD_S) * PERIOD_S * 1000;
  const metric = (Id: string, MetricName: string, Stat: string, Period: number) => ({
    Id,
    MetricStat: {
      Metric: {
        Namespace: "AWS/SageMaker",
        MetricName,
        Dimensions: [
          { Name: "EndpointName", Value: EndpointName },
          { Name: "VariantName", Value: VariantName },
        ],
      },
      Period,
      Stat,
    },
  });
  const { MetricDataResults = [] } = await aws(CloudWatchClient).send(
    new GetMetricDataCommand({
      MetricDataQueries: [
        metric("load", "Invocations", "Sum", PERIOD_S),
        metric("half", "ModelLatency", "p50", HOURS * 3600),
        metric("most", "ModelLatency", "p99", HOURS * 3600),
      ],
      StartTime: new Date(until - HOURS * 3_600_000),
      EndTime: new Date(until),
      ScanBy: "TimestampAscending",
    }),
  );
  const found = (id: string) => MetricDataResults.find(({ Id }) => Id === id);
  const load = found("load");
  const points = (load?.Timestamps ?? []).map((x, place) => ({ x, y: load?.Values?.[place] ?? 0 }));
  if (points.every(({ y }) => y === 0))
    throw new Error(`${EndpointName} was not asked for anything in the last day.`);
  const milliseconds = (id: string) => {
    const value = Math.max(0, ...(found(id)?.Values ?? []));
    return value > 0 ? `${Number((value / 1000).toPrecision(3))}ms` : undefined;
  };
  const [p50, p99] = [milliseconds("half"), milliseconds("most")];
  return {
    traffic: trafficOf(points, PERIOD_S),
    ...(p50 && p99 ? { p50, p99 } : {}),
  };
}

/** Takes the load that an endpoint had: what CloudWatch has of it. */
export function Recorded({ onTaken }: { onTaken: (taken: Partial<Wish>) => void }) {
  const [busy, setBusy] = useState(false);
  const endpoints = useLive(["sagemaker", "endpoints"], () =>
    collect(
      paginateListEndpoints({ client: aws(SageMakerClient) }, { MaxResults: 100 }),
      (page) => page.Endpoints,
    ),
  );
  const names = (endpoints.data ?? []).map(({ EndpointName = "" }) => EndpointName);
  const take = async (name: string) => {
    setBusy(true);
    try {
      onTaken(await recorded(name));
    } catch (error) {
      notify.error(`The load of ${name}`, error);
    }
    setBusy(false);
  };
  return (
    <ButtonDropdown
      items={names.map((id) => ({ id, text: id }))}
      loading={busy}
      disabled={names.length === 0}
      disabledReason={endpoints.refusal?.message ?? "There is no endpoint."}
      onItemClick={({ detail }) => void take(detail.id)}
      expandToViewport
    >
      Take a recorded day
    </ButtonDropdown>
  );
}
