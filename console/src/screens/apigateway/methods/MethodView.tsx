import {
  DeleteMethodCommand,
  GetMethodCommand,
  type Resource,
  UpdateMethodCommand,
} from "@aws-sdk/client-api-gateway";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { notify } from "../../../app/notices";
import { DeleteModal } from "../../../blocks/DeleteModal";
import { LiveMark } from "../../../blocks/LiveMark";
import { Refused } from "../../../blocks/Refused";
import { useLive } from "../../../live/useLive";
import { gateway } from "../client";
import { FourBoxes } from "./FourBoxes";
import { TestMethod } from "./TestMethod";

interface Props {
  api: string;
  resource: Resource;
  verb: string;
  onDeleted: () => void;
}

/** A method: its four boxes, and a test. */
export function MethodView({ api, resource, verb, onDeleted }: Props) {
  const [deleting, setDeleting] = useState(false);
  const of = { restApiId: api, resourceId: resource.id, httpMethod: verb };
  const live = useLive(["apigateway", `method ${api} ${resource.id} ${verb}`], () =>
    gateway().send(new GetMethodCommand(of)),
  );
  const method = live.data;
  const name = `${verb} ${resource.path}`;
  const turnKey = async () => {
    const value = String(!method?.apiKeyRequired);
    try {
      await gateway().send(
        new UpdateMethodCommand({
          ...of,
          patchOperations: [{ op: "replace", path: "/apiKeyRequired", value }],
        }),
      );
      notify.success(`${name}: deploy the API for it to count.`);
    } catch (error) {
      notify.error(name, error);
    }
    live.refresh();
  };
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header
            variant="h2"
            info={<LiveMark of={live} />}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button disabled={!method} onClick={() => void turnKey()}>
                  {method?.apiKeyRequired ? "Need no API key" : "Require an API key"}
                </Button>
                <Button onClick={() => setDeleting(true)}>Delete method</Button>
              </SpaceBetween>
            }
          >
            {name}
          </Header>
        }
      >
        <Refused of={method ? undefined : live.refusal} />
        {method && <FourBoxes method={method} />}
      </Container>
      {method && <TestMethod api={api} resource={resource} verb={verb} />}
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
