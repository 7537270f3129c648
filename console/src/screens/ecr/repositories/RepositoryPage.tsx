import {
  DeleteRepositoryCommand,
  DescribeRepositoriesCommand,
  type ImageTagMutability,
  PutImageTagMutabilityCommand,
} from "@aws-sdk/client-ecr";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { notify } from "../../../app/notices";
import { Ago } from "../../../blocks/Ago";
import { Copyable } from "../../../blocks/Copyable";
import { KeyValues } from "../../../blocks/KeyValues";
import { DeleteModal } from "../../../blocks/modals/DeleteModal";
import { Page } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { ecr } from "../client";
import { Lifecycle } from "../documents/Lifecycle";
import { Permissions } from "../documents/Permissions";
import { ImageList } from "../images/ImageList";
import { mutabilityOf } from "./mutability";
import { PushCommands } from "./PushCommands";

/** One repository: its images, how to push one, which go by themselves, who may use it. */
export default function RepositoryPage() {
  const { name = "" } = useParams();
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const [tab, setTab] = useState("images");
  const live = useLive(["ecr", `repository ${name}`], async () => {
    const answer = await ecr().send(new DescribeRepositoriesCommand({ repositoryNames: [name] }));
    return answer.repositories?.[0];
  });
  const repository = live.data;
  return (
    <Page
      crumbs={[
        { text: "ECR", to: "/ecr" },
        { text: "Repositories", to: "/ecr/repositories" },
        { text: name },
      ]}
      title={name}
      refusal={repository ? undefined : live.refusal}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          {repository && (
            <MutabilityButton name={name} now={repository.imageTagMutability} onChanged={live.refresh} />
          )}
          <Button disabled={!repository} onClick={() => setDeleting(true)}>
            Delete
          </Button>
        </SpaceBetween>
      }
    >
      {repository && (
        <Container>
          <KeyValues
            of={{
              URI: <Copyable text={repository.repositoryUri} />,
              Tags: mutabilityOf(repository.imageTagMutability),
              Created: <Ago at={repository.createdAt} />,
            }}
          />
        </Container>
      )}
      {repository && (
        <Tabs
          activeTabId={tab}
          onChange={({ detail }) => setTab(detail.activeTabId)}
          tabs={[
            {
              id: "images",
              label: "Images",
              content: <ImageList repository={name} onPush={() => setTab("push")} />,
            },
            { id: "push", label: "Push commands", content: <PushCommands name={name} /> },
            { id: "lifecycle", label: "Lifecycle policy", content: <Lifecycle name={name} /> },
            { id: "permissions", label: "Permissions", content: <Permissions name={name} /> },
          ]}
        />
      )}
      {deleting && (
        <DeleteModal
          words={{ one: "repository", many: "repositories" }}
          items={[name]}
          nameOf={(item) => item}
          remove={() => ecr().send(new DeleteRepositoryCommand({ repositoryName: name, force: true }))}
          consequence="All its images go with it. What runs on one goes on until it ends."
          onClose={(deleted) => {
            setDeleting(false);
            if (deleted) void navigate("/ecr/repositories");
          }}
        />
      )}
    </Page>
  );
}

interface MutabilityProps {
  name: string;
  now: ImageTagMutability | undefined;
  onChanged: () => void;
}

/** Makes tags stay with their images, or lets pushes move them again. */
function MutabilityButton({ name, now, onChanged }: MutabilityProps) {
  const [busy, setBusy] = useState(false);
  const fixed = now === "IMMUTABLE";
  const change = async () => {
    setBusy(true);
    try {
      const imageTagMutability = fixed ? "MUTABLE" : "IMMUTABLE";
      await ecr().send(new PutImageTagMutabilityCommand({ repositoryName: name, imageTagMutability }));
      onChanged();
    } catch (error) {
      notify.error("Change whether tags move", error);
    }
    setBusy(false);
  };
  return (
    <Button loading={busy} onClick={() => void change()}>
      {fixed ? "Let tags move" : "Make tags immutable"}
    </Button>
  );
}
