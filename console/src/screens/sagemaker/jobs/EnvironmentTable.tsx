import Header from "@cloudscape-design/components/header";
import Table from "@cloudscape-design/components/table";

/** The variables that a job's containers are given. */
export function EnvironmentTable({ of }: { of: Record<string, string> | undefined }) {
  return (
    <Table
      header={<Header variant="h3">Environment</Header>}
      variant="container"
      items={Object.entries(of ?? {})}
      columnDefinitions={[
        { id: "name", header: "Name", cell: ([name]) => name, isRowHeader: true },
        { id: "value", header: "Value", cell: ([, value]) => value },
      ]}
      empty="None."
    />
  );
}
