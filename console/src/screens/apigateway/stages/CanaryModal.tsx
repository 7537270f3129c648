import {
  GetDeploymentsCommand,
  type PatchOperation,
  type Stage,
  UpdateStageCommand,
} from "@aws-sdk/client-api-gateway";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { notify } from "../../../app/notices";
import { Choice } from "../../../blocks/fields/Choice";
import { Pairs, type Rows } from "../../../blocks/fields/Pairs";
import { TextField } from "../../../blocks/fields/TextField";
import { moment } from "../../../blocks/formats/amounts";
import { areNumbers } from "../../../blocks/formats/numbers";
import { FormModal } from "../../../blocks/modals/FormModal";
import { useLive } from "../../../live/useLive";
import { gateway } from "../client";
import { mapOf } from "../patches";
import { canaryOf, canaryPatches, END, PROMOTION } from "./canary";

interface Props {
  api: string;
  stage: Stage;
  onClose: (done: boolean) => void;
}

/** A part of a stage's requests for another deployment: begun, changed, promoted, ended. */
export function CanaryModal({ api, stage, onClose }: Props) {
  const before = canaryOf(stage);
  const [percent, setPercent] = useState(before.percent || "10");
  const [deployment, setDeployment] = useState(before.deployment);
  const [variables, setVariables] = useState<Rows>(Object.entries(before.variables));
  const deployments = useLive(["apigateway", `deployments ${api}`], async () => {
    const { items } = await gateway().send(new GetDeploymentsCommand({ restApiId: api, limit: 500 }));
    return items ?? [];
  });
  const patch = (patchOperations: PatchOperation[]) =>
    gateway().send(new UpdateStageCommand({ restApiId: api, stageName: stage.stageName, patchOperations }));
  const end = async (what: string, operations: PatchOperation[]) => {
    try {
      await patch(operations);
      onClose(true);
    } catch (error) {
      notify.error(what, error);
      onClose(false);
    }
  };
  return (
    <FormModal
      title={`Canary of ${stage.stageName}`}
      verb={stage.canarySettings ? "Save" : "Begin"}
      ready={areNumbers(percent)}
      submit={async () => {
        const operations = canaryPatches(stage, { percent, deployment, variables: mapOf(variables) });
        if (operations.length > 0) await patch(operations);
      }}
      onClose={onClose}
    >
      {stage.canarySettings && (
        <SpaceBetween direction="horizontal" size="xs">
          <Button formAction="none" onClick={() => void end("Promote the canary", PROMOTION)}>
            Promote: all requests get it
          </Button>
          <Button formAction="none" onClick={() => void end("End the canary", END)}>
            End it
          </Button>
        </SpaceBetween>
      )}
      <TextField label="Percent of the requests" number value={percent} onChange={setPercent} first />
      <Choice
        label="Deployment"
        value={deployment}
        options={(deployments.data ?? []).map(({ id = "", createdDate, description }) => ({
          value: id,
          label: `${id}, ${moment(createdDate)}`,
          description: description ?? "",
        }))}
        onChange={setDeployment}
      />
      <Pairs
        label="Variables of the canary"
        columns={["Name", "Value"]}
        rows={variables}
        first=""
        onChange={setVariables}
      />
    </FormModal>
  );
}
