import {
  CreateUsagePlanKeyCommand,
  DeleteUsagePlanKeyCommand,
  paginateGetApiKeys,
  paginateGetUsagePlanKeys,
  type UsagePlanKey,
} from "@aws-sdk/client-api-gateway";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";
import { collect } from "../../../aws/collect";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { FormModal } from "../../../blocks/modals/FormModal";
import { Refused } from "../../../blocks/Refused";
import { useLive } from "../../../live/useLive";
import { gateway } from "../client";

const nameOf = (key: UsagePlanKey) => key.name ?? key.id ?? "";
const idOf = (key: UsagePlanKey) => key.id ?? "";

const columns: Column<UsagePlanKey>[] = [
  { id: "name", header: "Name", value: nameOf },
  { id: "id", header: "ID", value: (key) => key.id },
];

/** The API keys of a plan. */
export function PlanKeys({ plan }: { plan: string }) {
  const [adding, setAdding] = useState(false);
  const live = useLive(["apigateway", `keys of ${plan}`], () =>
    collect(
      paginateGetUsagePlanKeys({ client: gateway() }, { usagePlanId: plan, limit: 500 }),
      (page) => page.items,
    ),
  );
  return (
    <>
      <ResourceList
        id="apigateway.planKeys"
        words={{ one: "API key", many: "API keys" }}
        variant="container"
        live={live}
        idOf={idOf}
        columns={columns}
        remove={(key) => gateway().send(new DeleteUsagePlanKeyCommand({ usagePlanId: plan, keyId: key.id }))}
        removal={{ verb: "Remove", consequence: "The key stays; it has this plan's rights no more." }}
        create={<Button onClick={() => setAdding(true)}>Add API key</Button>}
        empty={{ hint: "Nobody has this plan yet." }}
      />
      {adding && (
        <AddKey
          plan={plan}
          has={live.data ?? []}
          onClose={() => {
            setAdding(false);
            live.refresh();
          }}
        />
      )}
    </>
  );
}

function AddKey({ plan, has, onClose }: { plan: string; has: UsagePlanKey[]; onClose: () => void }) {
  const [key, setKey] = useState("");
  const live = useLive(["apigateway", "keys"], () =>
    collect(paginateGetApiKeys({ client: gateway() }, { limit: 500 }), (page) => page.items),
  );
  const options = (live.data ?? [])
    .filter(({ id }) => !has.some((one) => one.id === id))
    .map(({ id = "", name = id }) => ({ value: id, label: name, description: id }));
  return (
    <FormModal
      title="Add an API key"
      verb="Add"
      ready={key !== ""}
      submit={() =>
        gateway().send(new CreateUsagePlanKeyCommand({ usagePlanId: plan, keyId: key, keyType: "API_KEY" }))
      }
      onClose={onClose}
    >
      <FormField label="API key">
        <Refused of={live.refusal} />
        <Select
          selectedOption={options.find(({ value }) => value === key) ?? null}
          options={options}
          onChange={({ detail }) => setKey(detail.selectedOption.value ?? "")}
          statusType={live.loading ? "loading" : "finished"}
          empty="There is no other key."
          filteringType="auto"
        />
      </FormField>
    </FormModal>
  );
}
