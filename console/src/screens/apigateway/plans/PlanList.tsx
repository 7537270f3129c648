import {
  CreateUsagePlanCommand,
  DeleteUsagePlanCommand,
  paginateGetUsagePlans,
  type UsagePlan,
} from "@aws-sdk/client-api-gateway";
import Button from "@cloudscape-design/components/button";
import { useRef, useState } from "react";
import { useNavigate } from "react-router";
import { to } from "../../../app/links";
import { collect } from "../../../aws/collect";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { CreateModal } from "../../../blocks/modals/CreateModal";
import { useCrumbs } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { gateway } from "../client";
import { quotaOf, throttleOf } from "./settings";

const nameOf = (plan: UsagePlan) => plan.name ?? plan.id ?? "";
const idOf = (plan: UsagePlan) => plan.id ?? "";

const columns: Column<UsagePlan>[] = [
  {
    id: "name",
    header: "Name",
    value: nameOf,
    cell: (plan) => <GoTo to={to("apigateway", "usage-plans", plan.id ?? "")}>{nameOf(plan)}</GoTo>,
    width: 280,
  },
  { id: "throttle", header: "Throttle", value: (plan) => throttleOf(plan.throttle) },
  { id: "quota", header: "Quota", value: (plan) => quotaOf(plan.quota) },
  { id: "stages", header: "Stages", value: (plan) => plan.apiStages?.length ?? 0 },
  { id: "id", header: "ID", value: (plan) => plan.id, hidden: true },
];

/** All usage plans. */
export default function PlanList() {
  useCrumbs([{ text: "API Gateway", to: "/apigateway" }, { text: "Usage plans" }]);
  const navigate = useNavigate();
  const [creating, setCreating] = useState(false);
  const made = useRef("");
  const live = useLive(["apigateway", "plans"], () =>
    collect(paginateGetUsagePlans({ client: gateway() }, { limit: 500 }), (page) => page.items),
  );
  return (
    <>
      <ResourceList
        id="apigateway.plans"
        words={{ one: "usage plan", many: "usage plans" }}
        live={live}
        idOf={idOf}
        columns={columns}
        sortedBy={{ column: "name" }}
        remove={(plan) => gateway().send(new DeleteUsagePlanCommand({ usagePlanId: plan.id }))}
        removal={{ consequence: "Its keys stay; stages in it must be taken out first." }}
        create={
          <Button variant="primary" onClick={() => setCreating(true)}>
            Create usage plan
          </Button>
        }
        empty={{ hint: "A plan says how often the holders of its API keys may call which stages." }}
      />
      {creating && (
        <CreateModal
          title="Create usage plan"
          label="Name"
          hint="Limits, stages and keys come in its page."
          create={async (name) => {
            made.current = (await gateway().send(new CreateUsagePlanCommand({ name }))).id ?? "";
          }}
          onClose={(name) => {
            setCreating(false);
            if (name) void navigate(to("apigateway", "usage-plans", made.current));
          }}
        />
      )}
    </>
  );
}
