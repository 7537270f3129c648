import { BatchDeleteImageCommand, type ImageDetail, paginateDescribeImages } from "@aws-sdk/client-ecr";
import Button from "@cloudscape-design/components/button";
import { to } from "../../../app/links";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { bytes } from "../../../blocks/formats/amounts";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { useLive } from "../../../live/useLive";
import { ecr } from "../client";
import { kindOf, shortDigest } from "./manifest";

const idOf = (image: ImageDetail) => image.imageDigest ?? "";
/** What people call it: its first tag, or what is left of its digest. */
const nameOf = (image: ImageDetail) => image.imageTags?.[0] ?? shortDigest(idOf(image));

const columnsOf = (repository: string): Column<ImageDetail>[] => [
  {
    id: "tags",
    header: "Tags",
    value: (image) => image.imageTags?.join(", ") || "untagged",
    cell: (image) => (
      <GoTo to={to("ecr", "repositories", repository, "images", idOf(image))}>
        {image.imageTags?.join(", ") || "untagged"}
      </GoTo>
    ),
    width: 190,
  },
  {
    id: "digest",
    header: "Digest",
    value: idOf,
    cell: (image) => <code title={idOf(image)}>{shortDigest(idOf(image))}</code>,
    width: 145,
  },
  {
    id: "size",
    header: "Size",
    value: (image) => image.imageSizeInBytes,
    cell: (image) => bytes(image.imageSizeInBytes),
    width: 110,
  },
  {
    id: "pushed",
    header: "Pushed",
    value: (image) => image.imagePushedAt,
    cell: (image) => <Ago at={image.imagePushedAt} />,
    width: 125,
  },
  {
    id: "pulled",
    header: "Pulled",
    value: (image) => image.lastRecordedPullTime,
    cell: (image) => (image.lastRecordedPullTime ? <Ago at={image.lastRecordedPullTime} /> : "never"),
    width: 125,
  },
  { id: "kind", header: "Kind", value: (image) => kindOf(image.imageManifestMediaType), width: 120 },
];

/** Deletes an image with all its tags. */
export async function removeImage(repositoryName: string, imageDigest: string): Promise<void> {
  const { failures } = await ecr().send(
    new BatchDeleteImageCommand({ repositoryName, imageIds: [{ imageDigest }] }),
  );
  const [failure] = failures ?? [];
  if (failure) throw Object.assign(new Error(failure.failureReason), { name: failure.failureCode });
}

/** The images of a repository. */
export function ImageList({ repository, onPush }: { repository: string; onPush: () => void }) {
  const live = useLive(["ecr", `images ${repository}`], () =>
    collect(
      paginateDescribeImages({ client: ecr() }, { repositoryName: repository, maxResults: 100 }),
      (page) => page.imageDetails,
    ),
  );
  return (
    <ResourceList
      id="ecr.images"
      words={{ one: "image", many: "images" }}
      variant="container"
      live={live}
      idOf={idOf}
      nameOf={nameOf}
      columns={columnsOf(repository)}
      sortedBy={{ column: "pushed", descending: true }}
      description="No image is scanned for known weaknesses here."
      remove={(image) => removeImage(repository, idOf(image))}
      removal={{ consequence: "It goes with all its tags. What runs on it goes on until it ends." }}
      empty={{ hint: "Push one.", action: <Button onClick={onPush}>Push commands</Button> }}
    />
  );
}
