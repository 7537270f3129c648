import {
  DeleteFunctionEventInvokeConfigCommand,
  type FunctionEventInvokeConfig,
  paginateListFunctionEventInvokeConfigs,
} from "@aws-sdk/client-lambda";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { to } from "../../../app/links";
import { collect } from "../../../aws/collect";
import { duration } from "../../../blocks/formats/amounts";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { useLive } from "../../../live/useLive";
import { lambda } from "../client";
import { AsyncModal } from "./AsyncModal";
import { qualifierOf, settingsOf } from "./settings";

/** A destination as a link to its function. */
function Destination({ arn }: { arn: string }) {
  const [name, qualifier] = arn.split(":").slice(6);
  if (!name) return <>nobody</>;
  return <GoTo to={to("lambda", "functions", name)}>{[name, qualifier].filter(Boolean).join(", ")}</GoTo>;
}

const columns: Column<FunctionEventInvokeConfig>[] = [
  { id: "qualifier", header: "Version or alias", value: qualifierOf, width: 170 },
  {
    id: "age",
    header: "Kept for",
    value: (config) => Number(settingsOf(config).age),
    cell: (config) => duration(Number(settingsOf(config).age) * 1000),
    width: 120,
  },
  { id: "retries", header: "Tried again", value: (config) => Number(settingsOf(config).retries), width: 130 },
  {
    id: "success",
    header: "Told of success",
    value: (config) => settingsOf(config).success,
    cell: (config) => <Destination arn={settingsOf(config).success} />,
    width: 200,
  },
  {
    id: "failure",
    header: "Told of failure",
    value: (config) => settingsOf(config).failure,
    cell: (config) => <Destination arn={settingsOf(config).failure} />,
    width: 200,
  },
];

/** What becomes of calls that nobody waits for. */
export function AsyncTab({ name }: { name: string }) {
  const [open, setOpen] = useState<"new" | FunctionEventInvokeConfig>();
  const live = useLive(["lambda", `asynchronous ${name}`], () =>
    collect(
      paginateListFunctionEventInvokeConfigs({ client: lambda() }, { FunctionName: name }),
      (page) => page.FunctionEventInvokeConfigs,
    ),
  );
  return (
    <>
      <ResourceList
        id="lambda.asynchronous"
        words={{ one: "setting", many: "settings of asynchronous calls" }}
        variant="container"
        live={live}
        idOf={qualifierOf}
        columns={columns}
        description="Of calls that nobody waits for: S3's, a log's, invoke with the type Event."
        actions={[{ id: "edit", text: "Edit", single: true, run: ([config]) => setOpen(config) }]}
        remove={(config) =>
          lambda().send(
            new DeleteFunctionEventInvokeConfigCommand({
              FunctionName: name,
              Qualifier: qualifierOf(config),
            }),
          )
        }
        removal={{
          consequence: "Events are kept for six hours again, tried twice more, and nobody is told.",
        }}
        create={<Button onClick={() => setOpen("new")}>Set</Button>}
        empty={{ hint: "Events are kept for six hours and tried twice more; nobody is told how they ended." }}
      />
      {open && (
        <AsyncModal
          name={name}
          config={open === "new" ? undefined : open}
          onClose={(done) => {
            setOpen(undefined);
            if (done) live.refresh();
          }}
        />
      )}
    </>
  );
}
