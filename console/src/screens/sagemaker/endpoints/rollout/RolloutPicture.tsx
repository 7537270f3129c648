import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import type { DescribeEndpointOutput } from "@aws-sdk/client-sagemaker";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { to } from "../../../../app/links";
import { aws } from "../../../../aws/client";
import { document } from "../../../../aws/documents";
import { LiveMark } from "../../../../blocks/LiveMark";
import { GoTo } from "../../../../blocks/links/GoTo";
import { Status } from "../../../../blocks/Status";
import { useLive } from "../../../../live/useLive";
import { changes } from "../states";
import { alarmsOf, boxesOf, drawn, type Fleet, isGoingOn, type Rollout, stageOf, told } from "./rollout";
import "./rollout.css";

const NAMES = { live: "In service", pending: "New", leaving: "Leaving" };

/** An update as it goes on: both fleets, who has how much of the traffic, what it waits for, what would end it. */
export function RolloutPicture({ endpoint }: { endpoint: DescribeEndpointOutput }) {
  const name = endpoint.EndpointName ?? "";
  const busy = changes(endpoint.EndpointStatus) || endpoint.PendingDeploymentSummary !== undefined;
  const live = useLive(
    ["sagehen", `rollout ${name}`],
    (signal) => document<Rollout>("rollout", signal, { endpoint: name }),
    { changing: isGoingOn, enabled: busy },
  );
  if (!busy) return null;
  const rollout = live.data ?? told(endpoint);
  return (
    <Container
      header={
        <Header variant="h2" info={<LiveMark of={live} />} description={live.data && stageOf(rollout)}>
          {endpoint.EndpointStatus === "RollingBack" ? "Rollback" : "Rollout"}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <ul className="fleets" aria-label="Fleets">
          {rollout.fleets.map((fleet) => (
            <FleetRow key={`${fleet.part} ${fleet.configuration}`} fleet={fleet} />
          ))}
        </ul>
        {rollout.schedule && rollout.schedule.shares.length > 1 && <Steps rollout={rollout} />}
        <Alarms names={alarmsOf(endpoint.LastDeploymentConfig)} />
      </SpaceBetween>
    </Container>
  );
}

function FleetRow({ fleet }: { fleet: Fleet }) {
  const percent = fleet.share === undefined ? undefined : Math.round(fleet.share * 100);
  return (
    <li className={fleet.part}>
      <div>
        <Box variant="awsui-key-label">{NAMES[fleet.part]}</Box>
        {fleet.configuration ? (
          <GoTo to={to("sagemaker", "endpoint-configurations", fleet.configuration)}>
            {fleet.configuration}
          </GoTo>
        ) : (
          "what is left of the last one"
        )}
      </div>
      <div className="share">
        <span className="bar">
          <span style={{ inlineSize: `${percent ?? 0}%` }} />
        </span>
        <span>{percent === undefined ? "" : `${percent} % of the traffic`}</span>
      </div>
      <div>
        {fleet.variants.map((variant) => {
          const boxes = boxesOf(variant);
          const words = boxes.map(({ state, count }) => `${count} ${state}`).join(", ") || "none";
          return (
            <div key={variant.name} className="instances">
              {drawn(boxes).map((state, place) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: boxes are alike, their places are all they have
                <span key={place} className={`box ${state}`} aria-hidden="true" />
              ))}
              <Box variant="small">
                {variant.name}: {words}
                {variant.instanceType ? ` × ${variant.instanceType}` : ""}
              </Box>
            </div>
          );
        })}
      </div>
    </li>
  );
}

function Steps({ rollout }: { rollout: Rollout }) {
  const { shares, step, waitSeconds, terminationWaitSeconds } = rollout.schedule ?? {
    shares: [],
    step: 0,
    waitSeconds: 0,
    terminationWaitSeconds: 0,
  };
  return (
    <ol className="steps" aria-label="Steps of the traffic">
      {shares.map((share, place) => (
        <li
          key={share}
          className={place + 1 < step ? "done" : place + 1 === step ? "now" : ""}
          aria-current={place + 1 === step ? "step" : undefined}
        >
          <strong>{Math.round(share * 100)} %</strong>{" "}
          <Box variant="small" color="text-body-secondary">
            bakes {waitSeconds + (place === shares.length - 1 ? terminationWaitSeconds : 0)} s
          </Box>
        </li>
      ))}
    </ol>
  );
}

function Alarms({ names }: { names: string[] }) {
  const live = useLive(
    ["cloudwatch", `alarms ${names.join("\n")}`],
    async () =>
      (await aws(CloudWatchClient).send(new DescribeAlarmsCommand({ AlarmNames: names }))).MetricAlarms ?? [],
    { enabled: names.length > 0, changing: () => true },
  );
  if (names.length === 0)
    return (
      <Box variant="small" color="text-body-secondary">
        No alarm takes this update back: it is given up only if its instances do not come up.
      </Box>
    );
  return (
    <SpaceBetween direction="horizontal" size="l">
      <Box variant="awsui-key-label">Taken back by</Box>
      {names.map((name) => (
        <span key={name}>
          <GoTo to={to("cloudwatch", "alarms", name)}>{name}</GoTo>{" "}
          <Status of={live.data?.find(({ AlarmName }) => AlarmName === name)?.StateValue ?? "missing"} />
        </span>
      ))}
    </SpaceBetween>
  );
}
