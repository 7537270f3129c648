import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import Table from "@cloudscape-design/components/table";
import { bytes, duration } from "../../../blocks/formats/amounts";
import type { Machine } from "./machine";

/** What runs in sandboxes, and the parents that wait to be forked. */
export function Sandboxes({ machine }: { machine: Machine }) {
  return (
    <Table
      variant="container"
      header={
        <Header
          variant="h2"
          counter={`(${machine.sandboxCount})`}
          description={machine.warm
            .map(({ name, memoryBytes }) => `warm parent ${name}: ${bytes(memoryBytes ?? undefined)}`)
            .join(", ")}
        >
          Sandboxes
        </Header>
      }
      items={machine.sandboxes}
      trackBy="pid"
      columnDefinitions={[
        { id: "name", header: "Name", cell: (one) => one.name, isRowHeader: true },
        { id: "cpu", header: "Processor time", cell: (one) => duration(one.cpuSeconds * 1000) },
        { id: "cpus", header: "Processors", cell: (one) => one.cpus },
        {
          id: "memory",
          header: "Memory",
          cell: (one) => (
            <ProgressBar
              variant="standalone"
              ariaLabel={`Memory of ${one.name}`}
              value={one.memoryLimitBytes > 0 ? (100 * one.memoryBytes) / one.memoryLimitBytes : 0}
              description={`${bytes(one.memoryBytes)} of ${bytes(one.memoryLimitBytes)}, most ${bytes(one.peakMemoryBytes)}`}
            />
          ),
          minWidth: 260,
        },
        { id: "warm", header: "Forked from", cell: (one) => one.warmParent ?? "–" },
      ]}
      empty={<Box color="text-body-secondary">Nothing runs: no job, no instance, no function.</Box>}
    />
  );
}
