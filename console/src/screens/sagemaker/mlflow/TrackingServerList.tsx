import {
  CreatePresignedMlflowTrackingServerUrlCommand,
  DeleteMlflowTrackingServerCommand,
  paginateListMlflowTrackingServers,
  StartMlflowTrackingServerCommand,
  StopMlflowTrackingServerCommand,
  type TrackingServerSummary,
} from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { Copyable } from "../../../blocks/Copyable";
import type { Action } from "../../../blocks/list/actions";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { useCrumbs } from "../../../blocks/Page";
import { Status } from "../../../blocks/Status";
import { useLive } from "../../../live/useLive";
import { sagemaker } from "../client";
import { openPresigned } from "../presigned";
import { CreateTrackingServer } from "./CreateTrackingServer";
import { changes, isAnswering, isDown } from "./states";

type Server = TrackingServerSummary;

const nameOf = (server: Server) => server.TrackingServerName ?? "";

const openPage = (name: string) =>
  openPresigned(name, () =>
    sagemaker().send(new CreatePresignedMlflowTrackingServerUrlCommand({ TrackingServerName: name })),
  );

const columns: Column<Server>[] = [
  { id: "name", header: "Name", value: nameOf, width: 180 },
  {
    id: "status",
    header: "Status",
    value: (server) => server.TrackingServerStatus,
    cell: (server) => <Status of={server.TrackingServerStatus} />,
  },
  {
    id: "open",
    header: "Open",
    value: () => undefined,
    cell: (server) => (
      <Button
        variant="inline-link"
        iconName="external"
        iconAlign="right"
        disabled={!isAnswering(server.TrackingServerStatus)}
        ariaLabel={`Open MLflow of ${nameOf(server)}`}
        onClick={() => void openPage(nameOf(server))}
      >
        MLflow
      </Button>
    ),
  },
  { id: "version", header: "Version", value: (server) => server.MlflowVersion },
  {
    id: "arn",
    header: "Tracking URI",
    value: (server) => server.TrackingServerArn,
    cell: (server) => <Copyable text={server.TrackingServerArn} />,
    width: 340,
  },
  {
    id: "created",
    header: "Created",
    value: (server) => server.CreationTime,
    cell: (server) => <Ago at={server.CreationTime} />,
  },
];

const each = (servers: Server[], act: (name: string) => Promise<unknown>) =>
  Promise.all(servers.map((server) => act(nameOf(server))));

const actions: Action<Server>[] = [
  {
    id: "start",
    text: "Start",
    refuses: (server) =>
      isDown(server.TrackingServerStatus) ? undefined : "Only a stopped server can be started.",
    run: (servers) =>
      each(servers, (name) =>
        sagemaker().send(new StartMlflowTrackingServerCommand({ TrackingServerName: name })),
      ),
  },
  {
    id: "stop",
    text: "Stop",
    refuses: (server) =>
      isAnswering(server.TrackingServerStatus) ? undefined : "Only a server that answers can be stopped.",
    run: (servers) =>
      each(servers, (name) =>
        sagemaker().send(new StopMlflowTrackingServerCommand({ TrackingServerName: name })),
      ),
  },
];

/** All MLflow tracking servers; the page of each is one press away. */
export default function TrackingServerList() {
  useCrumbs([{ text: "SageMaker", to: "/sagemaker" }, { text: "MLflow tracking servers" }]);
  const [creating, setCreating] = useState(false);
  const live = useLive(
    ["sagemaker", "trackingServers"],
    () =>
      collect(
        paginateListMlflowTrackingServers({ client: sagemaker() }, { MaxResults: 100 }),
        (page) => page.TrackingServerSummaries,
      ),
    { changing: (servers) => servers.some((server) => changes(server.TrackingServerStatus)) },
  );
  return (
    <>
      <ResourceList
        id="sagemaker.trackingServers"
        words={{ one: "tracking server", many: "MLflow tracking servers" }}
        live={live}
        idOf={nameOf}
        columns={columns}
        sortedBy={{ column: "created", descending: true }}
        actions={actions}
        remove={(server) =>
          sagemaker().send(new DeleteMlflowTrackingServerCommand({ TrackingServerName: nameOf(server) }))
        }
        removal={{
          consequence: "Its runs go; artifacts stay in the bucket.",
          refuses: (server) =>
            changes(server.TrackingServerStatus) ? "It is on its way to another state." : undefined,
        }}
        create={
          <Button variant="primary" onClick={() => setCreating(true)}>
            Create tracking server
          </Button>
        }
        empty={{ hint: "Create one: runs, parameters, metrics and models of MLflow, with artifacts in S3." }}
      />
      {creating && (
        <CreateTrackingServer
          onClose={(made) => {
            setCreating(false);
            if (made) live.refresh();
          }}
        />
      )}
    </>
  );
}
