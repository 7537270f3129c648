import {
  ApplicationAutoScalingClient,
  DeleteScalingPolicyCommand,
  type ScalingPolicy,
} from "@aws-sdk/client-application-auto-scaling";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { to } from "../../../../app/links";
import { aws } from "../../../../aws/client";
import { Ago } from "../../../../blocks/Ago";
import { GoTo } from "../../../../blocks/links/GoTo";
import type { Column } from "../../../../blocks/list/columns";
import { ResourceList } from "../../../../blocks/list/ResourceList";
import type { Live } from "../../../../live/useLive";
import type { Target } from "../targets";
import { doesOf } from "../words";
import { ofTarget } from "./form";
import { PolicyModal } from "./PolicyModal";

const nameOf = (policy: ScalingPolicy) => policy.PolicyName ?? "";
const alarmsOf = ({ Alarms = [] }: ScalingPolicy) => Alarms.map(({ AlarmName = "" }) => AlarmName);

const columns: Column<ScalingPolicy>[] = [
  { id: "name", header: "Policy", value: nameOf, width: 200 },
  {
    id: "kind",
    header: "Kind",
    value: ({ PolicyType }) => (PolicyType === "StepScaling" ? "Steps" : "Holds a value"),
    width: 140,
  },
  { id: "what", header: "What it does", value: doesOf, width: 380 },
  {
    id: "alarms",
    header: "Called by",
    value: (policy) => alarmsOf(policy).join(", "),
    cell: (policy) =>
      alarmsOf(policy).length === 0
        ? "no alarm: it never acts"
        : alarmsOf(policy).map((alarm) => (
            <div key={alarm}>
              <GoTo to={to("cloudwatch", "alarms", alarm)}>{alarm}</GoTo>
            </div>
          )),
    width: 320,
  },
  {
    id: "created",
    header: "Made",
    value: (policy) => policy.CreationTime,
    cell: (policy) => <Ago at={policy.CreationTime} />,
    hidden: true,
  },
];

/** By what a target scales: values that are held, steps, and which alarms call for them. */
export function PolicyTable({ target, live }: { target: Target; live: Live<ScalingPolicy[]> }) {
  const [open, setOpen] = useState<"new" | ScalingPolicy>();
  return (
    <>
      <ResourceList
        id="sagehen.scalingPolicies"
        words={{ one: "scaling policy", many: "scaling policies" }}
        variant="container"
        live={live}
        idOf={nameOf}
        columns={columns}
        sortedBy={{ column: "name" }}
        actions={[{ id: "edit", text: "Edit", single: true, run: ([policy]) => setOpen(policy) }]}
        remove={(policy) =>
          aws(ApplicationAutoScalingClient).send(
            new DeleteScalingPolicyCommand({ ...ofTarget(target), PolicyName: nameOf(policy) }),
          )
        }
        removal={{
          consequence: "The alarms that it made for itself go with it; those that call a step policy stay.",
        }}
        create={<Button onClick={() => setOpen("new")}>Add policy</Button>}
        empty={{ hint: "It keeps its capacity. Add a policy that holds a value, or that goes by steps." }}
      />
      {open && (
        <PolicyModal
          target={target}
          policy={open === "new" ? undefined : open}
          onClose={(done) => {
            setOpen(undefined);
            if (done) live.refresh();
          }}
        />
      )}
    </>
  );
}
