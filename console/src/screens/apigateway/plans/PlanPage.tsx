import { GetUsagePlanCommand } from "@aws-sdk/client-api-gateway";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useParams } from "react-router";
import { KeyValues } from "../../../blocks/KeyValues";
import { LiveMark } from "../../../blocks/LiveMark";
import { Page } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { gateway } from "../client";
import { EditLimits } from "./EditLimits";
import { PlanKeys } from "./PlanKeys";
import { PlanStages } from "./PlanStages";
import { quotaOf, throttleOf } from "./settings";

/** One usage plan: its limits, the stages that they are about, the keys that have them. */
export default function PlanPage() {
  const { id = "" } = useParams();
  const [editing, setEditing] = useState(false);
  const live = useLive(["apigateway", `plan ${id}`], () =>
    gateway().send(new GetUsagePlanCommand({ usagePlanId: id })),
  );
  const plan = live.data;
  const name = plan?.name ?? id;
  return (
    <Page
      crumbs={[
        { text: "API Gateway", to: "/apigateway" },
        { text: "Usage plans", to: "/apigateway/usage-plans" },
        { text: name },
      ]}
      title={name}
      description={plan?.description || <LiveMark of={live} />}
      refusal={plan ? undefined : live.refusal}
      actions={
        <Button disabled={!plan} onClick={() => setEditing(true)}>
          Edit limits
        </Button>
      }
    >
      {plan && (
        <SpaceBetween size="l">
          <Container>
            <KeyValues
              columns={3}
              of={{ Throttle: throttleOf(plan.throttle), Quota: quotaOf(plan.quota), ID: id }}
            />
          </Container>
          <PlanStages plan={plan} live={live} />
          <PlanKeys plan={id} />
        </SpaceBetween>
      )}
      {editing && plan && (
        <EditLimits
          plan={plan}
          onClose={() => {
            setEditing(false);
            live.refresh();
          }}
        />
      )}
    </Page>
  );
}
