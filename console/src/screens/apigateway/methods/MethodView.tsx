import { DeleteMethodCommand, GetMethodCommand, type Resource } from "@aws-sdk/client-api-gateway";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ComponentType, useState } from "react";
import { notify } from "../../../app/notices";
import { LiveMark } from "../../../blocks/LiveMark";
import { DeleteModal } from "../../../blocks/modals/DeleteModal";
import { Refused } from "../../../blocks/Refused";
import { useLive } from "../../../live/useLive";
import { gateway } from "../client";
import { IntegrationRequest } from "./editing/IntegrationRequest";
import { IntegrationResponse } from "./editing/IntegrationResponse";
import { MethodRequest } from "./editing/MethodRequest";
import { MethodResponse } from "./editing/MethodResponse";
import { FourBoxes } from "./FourBoxes";
import type { BoxForm } from "./place";
import { TestMethod } from "./TestMethod";

/** The form of each box, by its title. */
const FORMS: Record<string, ComponentType<BoxForm>> = {
  "Method request": MethodRequest,
  "Integration request": IntegrationRequest,
  "Integration response": IntegrationResponse,
  "Method response": MethodResponse,
};

interface Props {
  api: string;
  resource: Resource;
  verb: string;
  onDeleted: () => void;
}

/** A method: its four boxes, and a test. */
export function MethodView({ api, resource, verb, onDeleted }: Props) {
  const [deleting, setDeleting] = useState(false);
  const [editing, setEditing] = useState<string>();
  const of = { restApiId: api, resourceId: resource.id ?? "", httpMethod: verb };
  const live = useLive(["apigateway", `method ${api} ${resource.id} ${verb}`], () =>
    gateway().send(new GetMethodCommand(of)),
  );
  const method = live.data;
  const name = `${verb} ${resource.path}`;
  const Form = editing ? FORMS[editing] : undefined;
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header
            variant="h2"
            info={<LiveMark of={live} />}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button onClick={() => setDeleting(true)}>Delete method</Button>
              </SpaceBetween>
            }
          >
            {name}
          </Header>
        }
      >
        <Refused of={method ? undefined : live.refusal} />
        {method && <FourBoxes method={method} onEdit={setEditing} />}
      </Container>
      {method && <TestMethod api={api} resource={resource} verb={verb} />}
      {Form && method && (
        <Form
          of={of}
          resource={resource}
          method={method}
          onClose={(done) => {
            setEditing(undefined);
            if (!done) return;
            notify.success(`${name}: deploy the API for it to count.`);
            live.refresh();
          }}
        />
      )}
      {deleting && (
        <DeleteModal
          words={{ one: "method", many: "methods" }}
          items={[name]}
          nameOf={(item) => item}
          remove={() => gateway().send(new DeleteMethodCommand(of))}
          consequence="Stages keep it until the API is deployed again."
          onClose={(deleted) => {
            setDeleting(false);
            if (deleted) onDeleted();
          }}
        />
      )}
    </SpaceBetween>
  );
}
