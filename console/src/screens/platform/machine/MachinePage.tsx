import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { document } from "../../../aws/documents";
import { Ago } from "../../../blocks/Ago";
import { bytes } from "../../../blocks/formats/amounts";
import { KeyValues } from "../../../blocks/KeyValues";
import { LiveMark } from "../../../blocks/LiveMark";
import { Page } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import type { Machine } from "./machine";
import { Sandboxes } from "./Sandboxes";

/** How the machine under all of it is: load, memory, disk, sandboxes, errors. */
export default function MachinePage() {
  const live = useLive(["sagehen", "machine"], (signal) => document<Machine>("machine", signal));
  const machine = live.data;
  return (
    <Page
      crumbs={[{ text: "This machine" }]}
      title="This machine"
      description={<LiveMark of={live} />}
      refusal={machine ? undefined : live.refusal}
    >
      {machine && <Load machine={machine} />}
      {machine && <Sandboxes machine={machine} />}
      {machine && (
        <Table
          variant="container"
          header={
            <Header variant="h2" counter={`(${machine.errors.length})`}>
              Warnings and errors of the last hour
            </Header>
          }
          items={machine.errors.toReversed()}
          columnDefinitions={[
            { id: "at", header: "When", cell: (error) => <Ago at={new Date(error.at)} />, width: 120 },
            { id: "level", header: "Level", cell: (error) => error.level, width: 110 },
            { id: "text", header: "What", cell: (error) => <pre className="text">{error.message}</pre> },
          ]}
          empty={<Box color="text-body-secondary">None.</Box>}
        />
      )}
    </Page>
  );
}

function Load({ machine }: { machine: Machine }) {
  const { host, disk, connections, platform } = machine;
  const used = host.memoryBytes - host.memoryAvailableBytes;
  const full = disk.totalBytes - disk.freeBytes;
  return (
    <Container>
      <SpaceBetween size="l">
        <KeyValues
          columns={4}
          of={{
            Version: machine.version,
            Running: <Ago at={new Date(machine.began)} />,
            "Time scale": machine.timeScale === 1 ? "real time" : `${machine.timeScale} ×`,
            Isolation: machine.isolation,
            Load: host.load.map((value) => value.toFixed(1)).join(", "),
            "Processors, GPUs": `${host.cpus}, ${host.gpus}`,
            "The platform itself": `${bytes(platform.memoryBytes)}, ${platform.cpuPercent.toFixed(0)} % of a processor`,
            "Open files": `${platform.openFiles} of ${platform.openFilesLimit}`,
          }}
        />
        <ProgressBar
          label="Processors"
          value={Math.min(100, host.cpuPercent)}
          description={`${host.cpuPercent.toFixed(0)} % of ${host.cpus}`}
        />
        <ProgressBar
          label="Memory"
          value={(100 * used) / host.memoryBytes}
          description={`${bytes(used)} of ${bytes(host.memoryBytes)}`}
        />
        <ProgressBar
          label="Disk"
          value={(100 * full) / disk.totalBytes}
          description={`${bytes(disk.freeBytes)} free`}
        />
        <ProgressBar
          label="Connections"
          value={(100 * connections.open) / connections.limit}
          description={`${connections.open} of ${connections.limit}`}
        />
      </SpaceBetween>
    </Container>
  );
}
