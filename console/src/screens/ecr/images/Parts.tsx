import Header from "@cloudscape-design/components/header";
import Table from "@cloudscape-design/components/table";
import { to } from "../../../app/links";
import { bytes } from "../../../blocks/formats/amounts";
import { GoTo } from "../../../blocks/links/GoTo";
import { type Part, shortDigest } from "./manifest";

const SIZE = { id: "size", header: "Size", cell: ({ size }: Part) => bytes(size), width: 120 };

/** The layers of files that an image is made of, the lowest first. */
export function Layers({ of }: { of: Part[] }) {
  if (of.length === 0) return null;
  return (
    <Table
      header={
        <Header variant="h2" counter={`(${of.length})`} description="The lowest first.">
          Layers
        </Header>
      }
      items={of}
      columnDefinitions={[
        {
          id: "digest",
          header: "Digest",
          cell: ({ digest }) => <code title={digest}>{shortDigest(digest)}</code>,
        },
        SIZE,
        { id: "kind", header: "Kind", cell: ({ kind }) => kind },
      ]}
    />
  );
}

/** The images of an index, one for each kind of machine. */
export function Machines({ of, repository }: { of: Part[]; repository: string }) {
  if (of.length === 0) return null;
  return (
    <Table
      header={
        <Header variant="h2" counter={`(${of.length})`}>
          An image for each kind of machine
        </Header>
      }
      items={of}
      columnDefinitions={[
        {
          id: "digest",
          header: "Digest",
          cell: ({ digest }) => (
            <GoTo to={to("ecr", "repositories", repository, "images", digest)}>{shortDigest(digest)}</GoTo>
          ),
        },
        SIZE,
        { id: "kind", header: "Machine", cell: ({ kind }) => kind },
      ]}
    />
  );
}
