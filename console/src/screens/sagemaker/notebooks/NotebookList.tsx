import {
  CreatePresignedNotebookInstanceUrlCommand,
  DeleteNotebookInstanceCommand,
  type NotebookInstanceSummary,
  paginateListNotebookInstances,
  StartNotebookInstanceCommand,
  StopNotebookInstanceCommand,
} from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import type { Action } from "../../../blocks/list/actions";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { useCrumbs } from "../../../blocks/Page";
import { Status } from "../../../blocks/Status";
import { useLive } from "../../../live/useLive";
import { sagemaker } from "../client";
import { openPresigned } from "../presigned";
import { CreateNotebook } from "./CreateNotebook";

type Notebook = NotebookInstanceSummary;

const nameOf = (notebook: Notebook) => notebook.NotebookInstanceName ?? "";
const changes = (status: string | undefined) => /ing$|^Pending$/.test(status ?? "");
const isDown = (notebook: Notebook) => ["Stopped", "Failed"].includes(notebook.NotebookInstanceStatus ?? "");

const openJupyterLab = (name: string) =>
  openPresigned(name, () =>
    sagemaker().send(new CreatePresignedNotebookInstanceUrlCommand({ NotebookInstanceName: name })),
  );

const columns: Column<Notebook>[] = [
  { id: "name", header: "Name", value: nameOf, width: 260 },
  {
    id: "status",
    header: "Status",
    value: (notebook) => notebook.NotebookInstanceStatus,
    cell: (notebook) => <Status of={notebook.NotebookInstanceStatus} />,
  },
  {
    id: "open",
    header: "Open",
    value: () => undefined,
    cell: (notebook) => (
      <Button
        variant="inline-link"
        iconName="external"
        iconAlign="right"
        disabled={notebook.NotebookInstanceStatus !== "InService"}
        ariaLabel={`Open JupyterLab on ${nameOf(notebook)}`}
        onClick={() => void openJupyterLab(nameOf(notebook))}
      >
        JupyterLab
      </Button>
    ),
  },
  { id: "type", header: "Instance type", value: (notebook) => notebook.InstanceType },
  {
    id: "created",
    header: "Created",
    value: (notebook) => notebook.CreationTime,
    cell: (notebook) => <Ago at={notebook.CreationTime} />,
  },
];

const each = (notebooks: Notebook[], act: (name: string) => Promise<unknown>) =>
  Promise.all(notebooks.map((notebook) => act(nameOf(notebook))));

const actions: Action<Notebook>[] = [
  {
    id: "start",
    text: "Start",
    refuses: (notebook) => (isDown(notebook) ? undefined : "Only a stopped instance can be started."),
    run: (notebooks) =>
      each(notebooks, (name) =>
        sagemaker().send(new StartNotebookInstanceCommand({ NotebookInstanceName: name })),
      ),
  },
  {
    id: "stop",
    text: "Stop",
    refuses: (notebook) =>
      notebook.NotebookInstanceStatus === "InService"
        ? undefined
        : "Only an instance in service can be stopped.",
    run: (notebooks) =>
      each(notebooks, (name) =>
        sagemaker().send(new StopNotebookInstanceCommand({ NotebookInstanceName: name })),
      ),
  },
];

/** All notebook instances; JupyterLab is one press away. */
export default function NotebookList() {
  useCrumbs([{ text: "SageMaker", to: "/sagemaker" }, { text: "Notebook instances" }]);
  const [creating, setCreating] = useState(false);
  const live = useLive(
    ["sagemaker", "notebooks"],
    () =>
      collect(
        paginateListNotebookInstances({ client: sagemaker() }, { MaxResults: 100 }),
        (page) => page.NotebookInstances,
      ),
    { changing: (notebooks) => notebooks.some((notebook) => changes(notebook.NotebookInstanceStatus)) },
  );
  return (
    <>
      <ResourceList
        id="sagemaker.notebooks"
        words={{ one: "notebook instance", many: "notebook instances" }}
        live={live}
        idOf={nameOf}
        columns={columns}
        sortedBy={{ column: "created", descending: true }}
        actions={actions}
        remove={(notebook) =>
          sagemaker().send(new DeleteNotebookInstanceCommand({ NotebookInstanceName: nameOf(notebook) }))
        }
        removal={{
          consequence: "Its disk goes, with all notebooks on it.",
          refuses: (notebook) => (isDown(notebook) ? undefined : "Stop it first."),
        }}
        create={
          <Button variant="primary" onClick={() => setCreating(true)}>
            Create notebook instance
          </Button>
        }
        empty={{ hint: "Create one: JupyterLab with the SageMaker SDK, with a role's rights." }}
      />
      {creating && (
        <CreateNotebook
          onClose={(made) => {
            setCreating(false);
            if (made) live.refresh();
          }}
        />
      )}
    </>
  );
}
