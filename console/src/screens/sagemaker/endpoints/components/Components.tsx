import { DeleteInferenceComponentCommand } from "@aws-sdk/client-sagemaker";
import Popover from "@cloudscape-design/components/popover";
import { useState } from "react";
import { to } from "../../../../app/links";
import { Ago } from "../../../../blocks/Ago";
import { GoTo } from "../../../../blocks/links/GoTo";
import type { Column } from "../../../../blocks/list/columns";
import { ResourceList } from "../../../../blocks/list/ResourceList";
import { Status } from "../../../../blocks/Status";
import type { Live } from "../../../../live/useLive";
import { sagemaker } from "../../client";
import { changes } from "../states";
import { CopiesModal } from "./CopiesModal";
import { copiesOf, modelOf, needsOf } from "./needs";
import type { Component } from "./useComponents";

const nameOf = (component: Component) => component.InferenceComponentName ?? "";

const busy = (component: Component) =>
  changes(component.InferenceComponentStatus) ? "It is being changed." : undefined;

const columns: Column<Component>[] = [
  { id: "name", header: "Name", value: nameOf },
  {
    id: "status",
    header: "Status",
    value: (component) => component.InferenceComponentStatus,
    cell: (component) => <State of={component} />,
  },
  { id: "copies", header: "Copies", value: copiesOf },
  { id: "needs", header: "A copy needs", value: needsOf, width: 180 },
  {
    id: "model",
    header: "Model",
    value: modelOf,
    cell: (component) => {
      const model = component.Specification?.ModelName;
      return model ? <GoTo to={to("sagemaker", "models", model)}>{model}</GoTo> : modelOf(component);
    },
  },
  { id: "variant", header: "Variant", value: (component) => component.VariantName, hidden: true },
  {
    id: "modified",
    header: "Changed",
    value: (component) => component.LastModifiedTime,
    cell: (component) => <Ago at={component.LastModifiedTime} />,
  },
];

/** The models that share an endpoint's instances: how many copies there are, and what each needs. */
export function Components({ live }: { live: Live<Component[]> }) {
  const [counting, setCounting] = useState<Component>();
  return (
    <>
      <ResourceList
        id="sagemaker.inference-components"
        variant="container"
        words={{ one: "inference component", many: "inference components" }}
        live={live}
        idOf={nameOf}
        columns={columns}
        sortedBy={{ column: "name" }}
        actions={[
          {
            id: "copies",
            text: "Change the number of copies",
            single: true,
            refuses: (component) =>
              component.InferenceComponentStatus === "InService" ? undefined : "It is not in service.",
            run: ([component]) => setCounting(component),
          },
        ]}
        remove={(component) =>
          sagemaker().send(new DeleteInferenceComponentCommand({ InferenceComponentName: nameOf(component) }))
        }
        removal={{
          consequence: "Its copies stop and its callers are refused. The endpoint and its instances stay.",
          refuses: busy,
        }}
        empty={{ hint: "The endpoint's instances wait for models: CreateInferenceComponent brings them." }}
      />
      {counting && (
        <CopiesModal
          component={counting}
          onClose={() => {
            setCounting(undefined);
            live.refresh();
          }}
        />
      )}
    </>
  );
}

function State({ of: component }: { of: Component }) {
  const status = <Status of={component.InferenceComponentStatus} />;
  if (!component.FailureReason) return status;
  return (
    <Popover header="Why" content={component.FailureReason} triggerType="text">
      {status}
    </Popover>
  );
}
