import { DeregisterImageCommand, type Image, paginateDescribeImages } from "@aws-sdk/client-ec2";
import Checkbox from "@cloudscape-design/components/checkbox";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import { useState } from "react";
import { useNavigate } from "react-router";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { useCrumbs } from "../../../blocks/Page";
import { Status } from "../../../blocks/Status";
import { useLive } from "../../../live/useLive";
import { ec2 } from "../client";

const idOf = (image: Image) => image.ImageId ?? "";
const madeAt = ({ CreationDate }: Image) => (CreationDate ? new Date(CreationDate) : undefined);

const columns: Column<Image>[] = [
  { id: "id", header: "Image", value: idOf, width: 220 },
  { id: "name", header: "Name", value: (one) => one.Name, width: 380 },
  {
    id: "state",
    header: "State",
    value: (one) => one.State,
    cell: (one) => <Status of={one.State} />,
    width: 130,
  },
  { id: "arch", header: "Architecture", value: (one) => one.Architecture, width: 130 },
  {
    id: "disks",
    header: "Disks",
    value: (one) =>
      one.BlockDeviceMappings?.filter(({ Ebs }) => Ebs)
        .map(({ DeviceName, Ebs }) => `${DeviceName} ${Ebs?.VolumeSize} GiB`)
        .join(", "),
    width: 220,
  },
  { id: "owner", header: "Owner", value: (one) => one.ImageOwnerAlias ?? one.OwnerId, hidden: true },
  { id: "about", header: "Description", value: (one) => one.Description, width: 300, hidden: true },
  { id: "created", header: "Created", value: madeAt, cell: (one) => <Ago at={madeAt(one)} />, width: 120 },
];

/** What machines are launched of: the account's own images, or those of AWS's names. */
export default function ImageList() {
  useCrumbs([{ text: "EC2", to: "/ec2/instances" }, { text: "Images" }]);
  const navigate = useNavigate();
  const [owner, setOwner] = useState("self");
  const [withSnapshots, setWithSnapshots] = useState(false);
  const live = useLive(
    ["ec2", "images", `of ${owner}`],
    () =>
      collect(
        paginateDescribeImages({ client: ec2() }, { Owners: [owner], MaxResults: 500 }),
        (page) => page.Images,
      ),
    { changing: (images) => images.some(({ State }) => State === "pending") },
  );
  return (
    <ResourceList
      id="ec2.images"
      words={{ one: "image", many: "images" }}
      live={live}
      idOf={idOf}
      columns={columns}
      sortedBy={{ column: "created", descending: true }}
      actions={[
        {
          id: "launch",
          text: "Launch a machine of it",
          single: true,
          refuses: (one) => (one.State === "available" ? undefined : `It is ${one.State}.`),
          run: ([one]) => one && void navigate(`/ec2/launch?image=${encodeURIComponent(idOf(one))}`),
        },
      ]}
      remove={(one) =>
        ec2().send(
          new DeregisterImageCommand({
            ImageId: idOf(one),
            ...(withSnapshots ? { DeleteAssociatedSnapshots: true } : {}),
          }),
        )
      }
      removal={{
        verb: "Deregister",
        refuses: () => (owner === "self" ? undefined : "It is AWS's."),
        consequence: (
          <Checkbox checked={withSnapshots} onChange={({ detail }) => setWithSnapshots(detail.checked)}>
            Delete its snapshots, too
          </Checkbox>
        ),
      }}
      create={
        <SegmentedControl
          label="Whose"
          selectedId={owner}
          options={[
            { id: "self", text: "Yours" },
            { id: "amazon", text: "AWS's" },
          ]}
          onChange={({ detail }) => setOwner(detail.selectedId)}
        />
      }
      empty={{
        hint: (
          <>
            Choose a <GoTo to="/ec2/instances">machine</GoTo> that has all you need, and create an image of
            it.
          </>
        ),
      }}
    />
  );
}
