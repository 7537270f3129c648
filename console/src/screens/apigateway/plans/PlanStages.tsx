import {
  type ApiStage,
  GetStagesCommand,
  paginateGetRestApis,
  UpdateUsagePlanCommand,
  type UsagePlan,
} from "@aws-sdk/client-api-gateway";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";
import { to } from "../../../app/links";
import { collect } from "../../../aws/collect";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { FormModal } from "../../../blocks/modals/FormModal";
import { Refused } from "../../../blocks/Refused";
import { type Live, useLive } from "../../../live/useLive";
import { gateway } from "../client";

const idOf = ({ apiId, stage }: ApiStage) => `${apiId}:${stage}`;

const columns: Column<ApiStage>[] = [
  {
    id: "api",
    header: "API",
    value: ({ apiId }) => apiId,
    cell: ({ apiId = "" }) => <GoTo to={to("apigateway", "apis", apiId)}>{apiId}</GoTo>,
  },
  { id: "stage", header: "Stage", value: ({ stage }) => stage },
];

const change = (plan: UsagePlan, op: "add" | "remove", value: string) =>
  gateway().send(
    new UpdateUsagePlanCommand({
      usagePlanId: plan.id,
      patchOperations: [{ op, path: "/apiStages", value }],
    }),
  );

/** The stages that a plan is about. */
export function PlanStages({ plan, live }: { plan: UsagePlan; live: Live<UsagePlan> }) {
  const [adding, setAdding] = useState(false);
  return (
    <>
      <ResourceList
        id="apigateway.planStages"
        words={{ one: "stage", many: "stages" }}
        variant="container"
        live={{ ...live, data: plan.apiStages ?? [] }}
        idOf={idOf}
        columns={columns}
        remove={(stage) => change(plan, "remove", idOf(stage))}
        removal={{ verb: "Remove" }}
        create={<Button onClick={() => setAdding(true)}>Add stage</Button>}
        empty={{ hint: "The plan is about no stage yet." }}
      />
      {adding && (
        <AddStage
          plan={plan}
          onClose={() => {
            setAdding(false);
            live.refresh();
          }}
        />
      )}
    </>
  );
}

async function allStages() {
  const apis = await collect(
    paginateGetRestApis({ client: gateway() }, { limit: 500 }),
    (page) => page.items,
  );
  const found = await Promise.all(
    apis.slice(0, 100).map(async ({ id = "", name }) => {
      const { item = [] } = await gateway().send(new GetStagesCommand({ restApiId: id }));
      return item.map(({ stageName }) => ({ value: `${id}:${stageName}`, label: `${name} · ${stageName}` }));
    }),
  );
  return found.flat();
}

function AddStage({ plan, onClose }: { plan: UsagePlan; onClose: () => void }) {
  const [stage, setStage] = useState("");
  const live = useLive(["apigateway", "all stages"], allStages);
  const options = live.data ?? [];
  return (
    <FormModal
      title={`Add a stage to ${plan.name}`}
      verb="Add"
      ready={stage !== ""}
      submit={() => change(plan, "add", stage)}
      onClose={onClose}
    >
      <FormField label="Stage" description="Its methods must require an API key for the plan to count.">
        <Refused of={live.refusal} />
        <Select
          selectedOption={options.find(({ value }) => value === stage) ?? null}
          options={options}
          onChange={({ detail }) => setStage(detail.selectedOption.value ?? "")}
          statusType={live.loading ? "loading" : "finished"}
          empty="Nothing is deployed."
          filteringType="auto"
        />
      </FormField>
    </FormModal>
  );
}
