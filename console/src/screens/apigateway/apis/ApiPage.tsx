import { DeleteRestApiCommand, GetRestApiCommand } from "@aws-sdk/client-api-gateway";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { LiveMark } from "../../../blocks/LiveMark";
import { DeleteModal } from "../../../blocks/modals/DeleteModal";
import { Page } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { PolicyTab } from "../access/PolicyTab";
import { AuthorizersTab } from "../authorizers/AuthorizersTab";
import { gateway } from "../client";
import { ImportModal } from "../documents/ImportModal";
import { ModelsTab } from "../models/ModelsTab";
import { ResourcesTab } from "../resources/ResourcesTab";
import { ResponsesTab } from "../responses/ResponsesTab";
import { DeployModal } from "../stages/DeployModal";
import { StagesTab } from "../stages/StagesTab";

/** One REST API: its resources, what happens in them, where it is reached. */
export default function ApiPage() {
  const { id = "" } = useParams();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [open, setOpen] = useState<"delete" | "deploy" | "import">();
  const [tab, setTab] = useState("resources");
  const live = useLive(["apigateway", `api ${id}`], () =>
    gateway().send(new GetRestApiCommand({ restApiId: id })),
  );
  const name = live.data?.name ?? id;
  return (
    <Page
      crumbs={[
        { text: "API Gateway", to: "/apigateway" },
        { text: "REST APIs", to: "/apigateway/apis" },
        { text: name },
      ]}
      title={name}
      description={live.data?.description || <LiveMark of={live} />}
      refusal={live.data ? undefined : live.refusal}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button disabled={!live.data} onClick={() => setOpen("delete")}>
            Delete
          </Button>
          <Button disabled={!live.data} onClick={() => setOpen("import")}>
            Import OpenAPI
          </Button>
          <Button variant="primary" disabled={!live.data} onClick={() => setOpen("deploy")}>
            Deploy
          </Button>
        </SpaceBetween>
      }
    >
      {live.data && (
        <Tabs
          ariaLabel="About the API"
          activeTabId={tab}
          onChange={({ detail }) => setTab(detail.activeTabId)}
          tabs={[
            { id: "resources", label: "Resources", content: <ResourcesTab key={id} api={id} /> },
            { id: "authorizers", label: "Authorizers", content: <AuthorizersTab key={id} api={id} /> },
            { id: "models", label: "Models", content: <ModelsTab key={id} api={id} /> },
            { id: "responses", label: "Gateway responses", content: <ResponsesTab key={id} api={id} /> },
            {
              id: "policy",
              label: "Resource policy",
              content: <PolicyTab key={id} api={live.data} onSaved={live.refresh} />,
            },
            { id: "stages", label: "Stages", content: <StagesTab key={id} api={id} /> },
          ]}
        />
      )}
      {open === "deploy" && (
        <DeployModal
          api={id}
          onClose={(done) => {
            setOpen(undefined);
            if (done) setTab("stages");
          }}
        />
      )}
      {open === "import" && (
        <ImportModal
          api={id}
          onClose={(done) => {
            setOpen(undefined);
            if (done) void queries.invalidateQueries({ queryKey: ["apigateway"] });
          }}
        />
      )}
      {open === "delete" && (
        <DeleteModal
          words={{ one: "REST API", many: "REST APIs" }}
          items={[name]}
          nameOf={(item) => item}
          remove={() => gateway().send(new DeleteRestApiCommand({ restApiId: id }))}
          consequence="Its resources, stages and addresses go. The functions behind it stay."
          onClose={(deleted) => {
            setOpen(undefined);
            if (deleted) void navigate("/apigateway/apis");
          }}
        />
      )}
    </Page>
  );
}
