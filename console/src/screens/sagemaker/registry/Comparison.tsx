import type { ModelPackageSummary } from "@aws-sdk/client-sagemaker";
import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import Table from "@cloudscape-design/components/table";
import { useLive } from "../../../live/useLive";
import { type Line, linesOf, shortened } from "./metrics";
import { readVersion } from "./reading";

/** As many columns as fit beside one another. */
const MOST_VERSIONS = 6;

/** The numbers of a group's newest versions side by side. */
export function Comparison({ versions }: { versions: ModelPackageSummary[] }) {
  const shown = versions.slice(0, MOST_VERSIONS);
  const arns = shown.map((version) => version.ModelPackageArn ?? "");
  const live = useLive(["sagemaker", "modelVersions", arns], (signal) =>
    Promise.all(arns.map((arn) => readVersion(arn, signal))),
  );
  const lines = linesOf((live.data ?? []).map(({ numbers }) => numbers));
  return (
    <Table<Line>
      variant="container"
      items={lines}
      loading={live.loading}
      loadingText="Reading the versions' reports"
      trackBy="name"
      ariaLabels={{ tableLabel: "Metrics side by side" }}
      header={
        <Header
          variant="h2"
          description="Of the reports that versions were registered with, and of their properties that are numbers."
        >
          Metrics side by side
        </Header>
      }
      columnDefinitions={[
        { id: "name", header: "Metric", cell: ({ name }) => name, isRowHeader: true },
        ...shown.map((version, index) => ({
          id: version.ModelPackageArn ?? String(index),
          header: `Version ${version.ModelPackageVersion}`,
          cell: ({ values }: Line) => {
            const value = values[index];
            return value === undefined ? "–" : shortened(value);
          },
        })),
      ]}
      empty={
        <Box textAlign="center" color="text-body-secondary">
          No version was registered with model metrics or properties that are numbers.
        </Box>
      }
    />
  );
}
