import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import { Curves } from "../../../blocks/charts/Curves";
import { useMetrics, type Wanted } from "../../../blocks/charts/useMetrics";

interface Props {
  /** The namespace of the kind of job's metrics, which is called as its log group. */
  namespace: string;
  job: string;
  hosts: string[];
  from: Date;
  until: Date | undefined;
}

/** What a job's instances were busy with. */
export function Utilization({ namespace, job, hosts, from, until }: Props) {
  const wanted: Wanted[] = hosts.flatMap((host) =>
    ["CPUUtilization", "MemoryUtilization"].map((metric) => ({
      title: hosts.length > 1 ? `${metric} of ${host}` : metric,
      namespace,
      metric,
      dimensions: { Host: `${job}/${host}` },
      stat: "Average",
    })),
  );
  const live = useMetrics(`${namespace} ${job} ${hosts.length}`, wanted, { from, until });
  return (
    <Container header={<Header variant="h3">Instances</Header>}>
      <Curves
        label="Utilization of the instances"
        curves={live.data ?? []}
        scale="time"
        yTitle="per cent"
        empty={live.refusal?.message ?? "Nothing was measured: the first numbers come after some seconds."}
      />
    </Container>
  );
}
