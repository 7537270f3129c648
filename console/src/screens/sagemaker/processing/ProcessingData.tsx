import type {
  DescribeProcessingJobResponse,
  ProcessingInput,
  ProcessingOutput,
} from "@aws-sdk/client-sagemaker";
import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { S3Link } from "../../../blocks/links/S3Link";
import { folderOf } from "../jobs/folder";

/** What a job brings from S3, and what it stores there. */
export function ProcessingData({ job }: { job: DescribeProcessingJobResponse }) {
  return (
    <SpaceBetween size="l">
      <Table<ProcessingInput>
        header={<Header variant="h3">Inputs</Header>}
        variant="container"
        items={job.ProcessingInputs ?? []}
        trackBy="InputName"
        columnDefinitions={[
          { id: "name", header: "Input", cell: (input) => input.InputName, isRowHeader: true },
          { id: "data", header: "Data", cell: (input) => <S3Link uri={input.S3Input?.S3Uri} /> },
          { id: "folder", header: "Folder", cell: (input) => <Folder path={input.S3Input?.LocalPath} /> },
          {
            id: "spread",
            header: "Over the instances",
            cell: (input) => input.S3Input?.S3DataDistributionType ?? "FullyReplicated",
          },
        ]}
        empty="The job has no input."
      />
      <Table<ProcessingOutput>
        header={<Header variant="h3">Outputs</Header>}
        variant="container"
        items={job.ProcessingOutputConfig?.Outputs ?? []}
        trackBy="OutputName"
        columnDefinitions={[
          { id: "name", header: "Output", cell: (output) => output.OutputName, isRowHeader: true },
          { id: "data", header: "Data", cell: (output) => <S3Link uri={folderOf(output.S3Output?.S3Uri)} /> },
          { id: "folder", header: "Folder", cell: (output) => <Folder path={output.S3Output?.LocalPath} /> },
          {
            id: "when",
            header: "Stored",
            cell: (output) => WHEN[output.S3Output?.S3UploadMode ?? ""] ?? "–",
          },
        ]}
        empty="The job has no output."
      />
    </SpaceBetween>
  );
}

const WHEN: Record<string, string> = { EndOfJob: "at the end", Continuous: "as it comes" };

function Folder({ path }: { path: string | undefined }) {
  return path ? <Box variant="code">{path}</Box> : <>–</>;
}
