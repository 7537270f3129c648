import {
  type ApiKey,
  CreateApiKeyCommand,
  DeleteApiKeyCommand,
  GetApiKeyCommand,
  paginateGetApiKeys,
  UpdateApiKeyCommand,
} from "@aws-sdk/client-api-gateway";
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { Copyable } from "../../../blocks/Copyable";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { CreateModal } from "../../../blocks/modals/CreateModal";
import { useCrumbs } from "../../../blocks/Page";
import { Status } from "../../../blocks/Status";
import { useLive } from "../../../live/useLive";
import { gateway } from "../client";

const nameOf = (key: ApiKey) => key.name ?? key.id ?? "";
const idOf = (key: ApiKey) => key.id ?? "";
const stateOf = (key: ApiKey) => (key.enabled ? "Enabled" : "Disabled");

const columns: Column<ApiKey>[] = [
  { id: "name", header: "Name", value: nameOf, width: 260 },
  { id: "id", header: "ID", value: (key) => key.id },
  { id: "state", header: "Status", value: stateOf, cell: (key) => <Status of={stateOf(key)} /> },
  {
    id: "created",
    header: "Created",
    value: (key) => key.createdDate,
    cell: (key) => <Ago at={key.createdDate} />,
  },
];

/** All API keys: who shows one has the limits of its usage plan. */
export default function KeyList() {
  useCrumbs([{ text: "API Gateway", to: "/apigateway" }, { text: "API keys" }]);
  const [creating, setCreating] = useState(false);
  const [shown, setShown] = useState<ApiKey>();
  const live = useLive(["apigateway", "keys"], () =>
    collect(paginateGetApiKeys({ client: gateway() }, { limit: 500 }), (page) => page.items),
  );
  const show = async (key: ApiKey | undefined) => {
    if (key) setShown(await gateway().send(new GetApiKeyCommand({ apiKey: key.id, includeValue: true })));
  };
  const turn = async (keys: ApiKey[]) => {
    for (const key of keys) {
      const patch = { op: "replace" as const, path: "/enabled", value: String(!key.enabled) };
      await gateway().send(new UpdateApiKeyCommand({ apiKey: key.id, patchOperations: [patch] }));
    }
  };
  return (
    <SpaceBetween size="l">
      {shown && (
        <Alert
          type="info"
          header={`The value of ${nameOf(shown)}`}
          dismissible
          dismissAriaLabel="Hide it"
          onDismiss={() => setShown(undefined)}
        >
          <Copyable text={shown.value} /> goes into the header x-api-key.
        </Alert>
      )}
      <ResourceList
        id="apigateway.keys"
        words={{ one: "API key", many: "API keys" }}
        live={live}
        idOf={idOf}
        columns={columns}
        sortedBy={{ column: "name" }}
        actions={[
          { id: "show", text: "Show value", single: true, run: ([key]) => show(key) },
          { id: "turn", text: "Enable or disable", run: turn },
        ]}
        remove={(key) => gateway().send(new DeleteApiKeyCommand({ apiKey: key.id }))}
        removal={{ consequence: "Who calls with it is refused from then on." }}
        create={
          <Button variant="primary" onClick={() => setCreating(true)}>
            Create API key
          </Button>
        }
        empty={{ hint: "Create one, add it to a usage plan, and let a method require it." }}
      />
      {creating && (
        <CreateModal
          title="Create API key"
          label="Name"
          create={(name) => gateway().send(new CreateApiKeyCommand({ name, enabled: true }))}
          onClose={() => {
            setCreating(false);
            live.refresh();
          }}
        />
      )}
    </SpaceBetween>
  );
}
