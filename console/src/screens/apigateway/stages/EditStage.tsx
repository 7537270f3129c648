import {
  GetAccountCommand,
  GetDeploymentsCommand,
  type Stage,
  UpdateAccountCommand,
  UpdateStageCommand,
} from "@aws-sdk/client-api-gateway";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import { useState } from "react";
import { Choice } from "../../../blocks/fields/Choice";
import { Pairs, type Rows } from "../../../blocks/fields/Pairs";
import { RoleSelect } from "../../../blocks/fields/RoleSelect";
import { TextField } from "../../../blocks/fields/TextField";
import { moment } from "../../../blocks/formats/amounts";
import { FormModal } from "../../../blocks/modals/FormModal";
import { useLive } from "../../../live/useLive";
import { gateway } from "../client";
import { mapOf } from "../patches";
import { LimitFields } from "./LimitFields";
import { isLogged, keepsLimits, stagePatches, type Wish, wishOf } from "./settings";

interface Props {
  api: string;
  stage: Stage;
  onClose: (done: boolean) => void;
}

/** A stage's settings: which deployment it has, how much it lets in, what it writes down. */
export function EditStage({ api, stage, onClose }: Props) {
  const [wish, setWish] = useState<Wish>(wishOf(stage));
  const [variables, setVariables] = useState<Rows>(Object.entries(stage.variables ?? {}));
  const [role, setRole] = useState("");
  const change = (part: Partial<Wish>) => setWish((now) => ({ ...now, ...part }));
  const live = useLive(["apigateway", `stage choices ${api}`], async () => {
    const client = gateway();
    const [account, deployments] = await Promise.all([
      client.send(new GetAccountCommand({})),
      client.send(new GetDeploymentsCommand({ restApiId: api, limit: 500 })),
    ]);
    return { role: account.cloudwatchRoleArn, deployments: deployments.items ?? [] };
  });
  const asks = live.data !== undefined && !live.data.role && isLogged(wish);
  const save = async () => {
    if (asks)
      await gateway().send(
        new UpdateAccountCommand({
          patchOperations: [{ op: "replace", path: "/cloudwatchRoleArn", value: role }],
        }),
      );
    const patchOperations = stagePatches(stage, { ...wish, variables: mapOf(variables) });
    if (patchOperations.length > 0)
      await gateway().send(
        new UpdateStageCommand({ restApiId: api, stageName: stage.stageName, patchOperations }),
      );
  };
  return (
    <FormModal
      title={`Settings of ${stage.stageName}`}
      verb="Save"
      size="large"
      ready={(!asks || role !== "") && keepsLimits(stage, wish)}
      submit={save}
      onClose={onClose}
    >
      <ColumnLayout columns={2}>
        <Choice
          label="Deployment"
          description="An older one takes back what was deployed since."
          value={wish.deployment}
          options={(live.data?.deployments ?? []).map(({ id = "", createdDate, description }) => ({
            value: id,
            label: `${id}, ${moment(createdDate)}`,
            description: description ?? "",
          }))}
          onChange={(deployment) => change({ deployment })}
        />
        <TextField
          label="Description"
          value={wish.description}
          onChange={(description) => change({ description })}
        />
      </ColumnLayout>
      <LimitFields
        limits={wish}
        onChange={change}
        hints={{
          rate: "Beyond, 429. Once set it has a value: 10000 is the account's.",
          log: `In the group API-Gateway-Execution-Logs_${api}/${stage.stageName}.`,
        }}
      />
      <TextField
        label="Access log"
        hint="The ARN of a log group; empty for none."
        value={wish.accessLog}
        onChange={(accessLog) => change({ accessLog })}
        placeholder="arn:aws:logs:us-east-1:123456789012:log-group:access"
      />
      {wish.accessLog && (
        <TextField
          label="A line of it"
          value={wish.accessFormat}
          onChange={(accessFormat) => change({ accessFormat })}
        />
      )}
      {asks && (
        <RoleSelect
          service="apigateway.amazonaws.com"
          value={role}
          onChange={setRole}
          hint="Whom API Gateway is when it writes logs, for all APIs of this account and region."
        />
      )}
      <Pairs
        label="Variables"
        description="What integrations and templates know as stageVariables."
        columns={["Name", "Value"]}
        rows={variables}
        first=""
        onChange={setVariables}
      />
    </FormModal>
  );
}
