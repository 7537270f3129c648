import { BatchGetImageCommand, DescribeImagesCommand } from "@aws-sdk/client-ecr";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { to } from "../../../app/links";
import { refusalOf } from "../../../aws/refusal";
import { Ago } from "../../../blocks/Ago";
import { Copyable } from "../../../blocks/Copyable";
import { bytes } from "../../../blocks/formats/amounts";
import { KeyValues } from "../../../blocks/KeyValues";
import { DeleteModal } from "../../../blocks/modals/DeleteModal";
import { Page } from "../../../blocks/Page";
import { Refused } from "../../../blocks/Refused";
import { useLive } from "../../../live/useLive";
import { ecr } from "../client";
import { removeImage } from "./ImageList";
import { kindOf, manifestOf, shortDigest } from "./manifest";
import { Layers, Machines } from "./Parts";

async function describe(repositoryName: string, imageDigest: string) {
  const answer = await ecr().send(new DescribeImagesCommand({ repositoryName, imageIds: [{ imageDigest }] }));
  return answer.imageDetails?.[0];
}

/** Asking for a manifest is a pull, which ECR notes: it is asked for once, and cannot change. */
async function pull(repositoryName: string, imageDigest: string) {
  const answer = await ecr().send(new BatchGetImageCommand({ repositoryName, imageIds: [{ imageDigest }] }));
  const text = answer.images?.[0]?.imageManifest;
  return text ? manifestOf(text) : null;
}

/** One image: by which names it is pulled, and what it is made of. */
export default function ImagePage() {
  const { name = "", digest = "" } = useParams();
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const live = useLive(["ecr", `image ${name} ${digest}`], () => describe(name, digest));
  const manifest = useQuery({
    queryKey: ["ecr", `manifest ${name} ${digest}`],
    queryFn: () => pull(name, digest),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const detail = live.data;
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
      {manifest.error && <Refused of={refusalOf(manifest.error)} />}
      {manifest.data && <Layers of={manifest.data.layers} />}
      {manifest.data && <Machines of={manifest.data.machines} repository={name} />}
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
