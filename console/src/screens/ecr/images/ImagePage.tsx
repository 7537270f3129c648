import { BatchGetImageCommand, DescribeImagesCommand } from "@aws-sdk/client-ecr";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { to } from "../../../app/links";
import { Ago } from "../../../blocks/Ago";
import { bytes } from "../../../blocks/amounts";
import { Copyable } from "../../../blocks/Copyable";
import { DeleteModal } from "../../../blocks/DeleteModal";
import { KeyValues } from "../../../blocks/KeyValues";
import { Page } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { ecr } from "../client";
import { removeImage } from "./ImageList";
import { kindOf, manifestOf, shortDigest } from "./manifest";
import { Layers, Machines } from "./Parts";

async function read(repositoryName: string, imageDigest: string) {
  const imageIds = [{ imageDigest }];
  const [details, images] = await Promise.all([
    ecr().send(new DescribeImagesCommand({ repositoryName, imageIds })),
    ecr().send(new BatchGetImageCommand({ repositoryName, imageIds })),
  ]);
  const text = images.images?.[0]?.imageManifest;
  return { detail: details.imageDetails?.[0], manifest: text ? manifestOf(text) : undefined };
}

/** One image: by which names it is pulled, and what it is made of. */
export default function ImagePage() {
  const { name = "", digest = "" } = useParams();
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const live = useLive(["ecr", `image ${name} ${digest}`], () => read(name, digest));
  const detail = live.data?.detail;
  const repository = to("ecr", "repositories", name);
  const tags = detail?.imageTags ?? [];
  const title = tags[0] ? `${name}:${tags[0]}` : shortDigest(digest);
  return (
    <Page
      crumbs={[
        { text: "ECR", to: "/ecr" },
        { text: "Repositories", to: "/ecr/repositories" },
        { text: name, to: repository },
        { text: tags[0] ?? shortDigest(digest) },
      ]}
      title={title}
      refusal={live.data ? undefined : live.refusal}
      actions={
        <Button disabled={!detail} onClick={() => setDeleting(true)}>
          Delete
        </Button>
      }
    >
      {detail && (
        <Container>
          <KeyValues
            of={{
              Tags: tags.join(", ") || undefined,
              Size: bytes(detail.imageSizeInBytes),
              Kind: kindOf(detail.imageManifestMediaType),
              Pushed: <Ago at={detail.imagePushedAt} />,
              "Last pulled": detail.lastRecordedPullTime ? <Ago at={detail.lastRecordedPullTime} /> : "never",
              Scan: "none: images are not scanned here",
              Digest: <Copyable text={digest} />,
            }}
          />
        </Container>
      )}
      {live.data?.manifest && <Layers of={live.data.manifest.layers} />}
      {live.data?.manifest && <Machines of={live.data.manifest.machines} repository={name} />}
      {deleting && (
        <DeleteModal
          words={{ one: "image", many: "images" }}
          items={[title]}
          nameOf={(item) => item}
          remove={() => removeImage(name, digest)}
          consequence="It goes with all its tags. What runs on it goes on until it ends."
          onClose={(deleted) => {
            setDeleting(false);
            if (deleted) void navigate(repository);
          }}
        />
      )}
    </Page>
  );
}
