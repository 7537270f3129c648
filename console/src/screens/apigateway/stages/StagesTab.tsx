import { DeleteStageCommand, GetStagesCommand, type Stage } from "@aws-sdk/client-api-gateway";
import Link from "@cloudscape-design/components/link";
import { useMemo, useState } from "react";
import { Ago } from "../../../blocks/Ago";
import { Copyable } from "../../../blocks/Copyable";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { useLive } from "../../../live/useLive";
import { gateway } from "../client";
import { exportStage } from "../documents/exporting";
import { invokeUrl } from "./address";
import { CanaryModal } from "./CanaryModal";
import { EditStage } from "./EditStage";
import { MethodsModal } from "./MethodsModal";

type What = "settings" | "canary" | "methods";

const nameOf = (stage: Stage) => stage.stageName ?? "";

const columnsOf = (api: string): Column<Stage>[] => [
  { id: "name", header: "Stage", value: nameOf },
  {
    id: "url",
    header: "Invoke URL",
    value: (stage) => invokeUrl(api, nameOf(stage), window.location),
    cell: (stage) => (
      <>
        <Copyable text={invokeUrl(api, nameOf(stage), window.location)} />{" "}
        <Link
          external
          externalIconAriaLabel="Opens a window"
          rel="noopener noreferrer"
          href={invokeUrl(api, nameOf(stage), window.location)}
        >
          Open
        </Link>
      </>
    ),
    width: 500,
  },
  { id: "deployment", header: "Deployment", value: (stage) => stage.deploymentId },
  {
    id: "updated",
    header: "Deployed",
    value: (stage) => stage.lastUpdatedDate,
    cell: (stage) => <Ago at={stage.lastUpdatedDate} />,
  },
  {
    id: "variables",
    header: "Variables",
    value: (stage) =>
      Object.entries(stage.variables ?? {})
        .map((pair) => pair.join("="))
        .join(", "),
    hidden: true,
  },
  {
    id: "canary",
    header: "Canary",
    value: (stage) => stage.canarySettings && `${stage.canarySettings.percentTraffic} %`,
    width: 100,
  },
  { id: "description", header: "Description", value: (stage) => stage.description, hidden: true },
];

/** Where an API is reached. */
export function StagesTab({ api }: { api: string }) {
  const live = useLive(["apigateway", `stages ${api}`], async () => {
    const { item } = await gateway().send(new GetStagesCommand({ restApiId: api }));
    return item ?? [];
  });
  const columns = useMemo(() => columnsOf(api), [api]);
  const [open, setOpen] = useState<{ what: What; stage: Stage }>();
  const opens = (what: What) => ({
    single: true,
    run: ([stage]: Stage[]) => stage && setOpen({ what, stage }),
  });
  const close = (done: boolean) => {
    setOpen(undefined);
    if (done) live.refresh();
  };
  return (
    <>
      <ResourceList
        id="apigateway.stages"
        words={{ one: "stage", many: "stages" }}
        variant="container"
        live={live}
        idOf={nameOf}
        columns={columns}
        actions={[
          { id: "settings", text: "Settings", ...opens("settings") },
          { id: "methods", text: "Settings of single methods", ...opens("methods") },
          { id: "canary", text: "Canary", ...opens("canary") },
          {
            id: "export",
            text: "Export OpenAPI",
            single: true,
            run: ([stage]) => stage && exportStage(api, nameOf(stage)),
          },
        ]}
        remove={(stage) =>
          gateway().send(new DeleteStageCommand({ restApiId: api, stageName: nameOf(stage) }))
        }
        removal={{ consequence: "Its address answers no more. What was deployed is kept." }}
        empty={{ hint: "Nobody reaches this API yet: deploy it." }}
      />
      {open?.what === "settings" && <EditStage api={api} stage={open.stage} onClose={close} />}
      {open?.what === "methods" && <MethodsModal api={api} stage={open.stage} onClose={close} />}
      {open?.what === "canary" && <CanaryModal api={api} stage={open.stage} onClose={close} />}
    </>
  );
}
