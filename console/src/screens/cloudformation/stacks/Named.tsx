import Container from "@cloudscape-design/components/container";
import Table from "@cloudscape-design/components/table";
import { Copyable } from "../../../blocks/Copyable";

interface Row {
  name: string | undefined;
  value: string | undefined;
  /** What is to be said of it; what is not there is left out. */
  about: readonly (string | undefined)[];
}

/** Names with values: the outputs of a stack, its parameters. */
export function Named({ of, none }: { of: readonly Row[]; none: string }) {
  if (of.length === 0) return <Container>{none}</Container>;
  return (
    <Table
      variant="container"
      items={of}
      trackBy={(row) => row.name ?? ""}
      wrapLines
      columnDefinitions={[
        { id: "name", header: "Name", cell: (row) => row.name, isRowHeader: true },
        { id: "value", header: "Value", cell: (row) => <Copyable text={row.value} /> },
        { id: "about", header: "Description", cell: (row) => row.about.filter(Boolean).join(", ") || "–" },
      ]}
    />
  );
}
