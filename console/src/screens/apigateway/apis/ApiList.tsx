import {
  CreateRestApiCommand,
  DeleteRestApiCommand,
  paginateGetRestApis,
  type RestApi,
} from "@aws-sdk/client-api-gateway";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useRef, useState } from "react";
import { useNavigate } from "react-router";
import { to } from "../../../app/links";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { CreateModal } from "../../../blocks/modals/CreateModal";
import { useCrumbs } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { gateway } from "../client";
import { ImportModal } from "../documents/ImportModal";

const idOf = (api: RestApi) => api.id ?? "";

const columns: Column<RestApi>[] = [
  {
    id: "name",
    header: "Name",
    value: (api) => api.name,
    cell: (api) => <GoTo to={to("apigateway", "apis", idOf(api))}>{api.name}</GoTo>,
    width: 300,
  },
  { id: "id", header: "ID", value: idOf },
  { id: "description", header: "Description", value: (api) => api.description, width: 320 },
  {
    id: "created",
    header: "Created",
    value: (api) => api.createdDate,
    cell: (api) => <Ago at={api.createdDate} />,
  },
];

/** All REST APIs. */
export default function ApiList() {
  useCrumbs([{ text: "API Gateway", to: "/apigateway" }, { text: "REST APIs" }]);
  const navigate = useNavigate();
  const [creating, setCreating] = useState(false);
  const [importing, setImporting] = useState(false);
  const made = useRef("");
  const live = useLive(["apigateway", "apis"], () =>
    collect(paginateGetRestApis({ client: gateway() }, { limit: 500 }), (page) => page.items),
  );
  const create = async (name: string) => {
    const { id = "" } = await gateway().send(
      new CreateRestApiCommand({ name, endpointConfiguration: { types: ["REGIONAL"] } }),
    );
    made.current = id;
  };
  return (
    <>
      <ResourceList
        id="apigateway.apis"
        words={{ one: "REST API", many: "REST APIs" }}
        live={live}
        idOf={idOf}
        columns={columns}
        sortedBy={{ column: "name" }}
        remove={(api) => gateway().send(new DeleteRestApiCommand({ restApiId: idOf(api) }))}
        removal={{ consequence: "Its resources, stages and addresses go. The functions behind it stay." }}
        create={
          <SpaceBetween direction="horizontal" size="xs">
            <Button onClick={() => setImporting(true)}>Import OpenAPI</Button>
            <Button variant="primary" onClick={() => setCreating(true)}>
              Create REST API
            </Button>
          </SpaceBetween>
        }
        empty={{
          hint: "An API gives functions an address. Create one, add a resource and a method, deploy.",
        }}
      />
      {importing && (
        <ImportModal
          onClose={(id) => {
            setImporting(false);
            if (id) void navigate(to("apigateway", "apis", id));
          }}
        />
      )}
      {creating && (
        <CreateModal
          title="Create REST API"
          label="Name"
          create={create}
          onClose={(name) => {
            setCreating(false);
            if (name) void navigate(to("apigateway", "apis", made.current));
          }}
        />
      )}
    </>
  );
}
