import { CreateDeploymentCommand, GetStagesCommand } from "@aws-sdk/client-api-gateway";
import Autosuggest from "@cloudscape-design/components/autosuggest";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { FormModal } from "../../../blocks/modals/FormModal";
import { useLive } from "../../../live/useLive";
import { gateway } from "../client";

/** Freezes the API as it is, and gives it to a stage, an old one or a new one. */
export function DeployModal({ api, onClose }: { api: string; onClose: (done: boolean) => void }) {
  const [stage, setStage] = useState("");
  const [description, setDescription] = useState("");
  const stages = useLive(["apigateway", `stages ${api}`], async () => {
    const { item } = await gateway().send(new GetStagesCommand({ restApiId: api }));
    return item ?? [];
  });
  const deploy = () =>
    gateway().send(
      new CreateDeploymentCommand({
        restApiId: api,
        stageName: stage,
        ...(description ? { description } : {}),
      }),
    );
  return (
    <FormModal
      title="Deploy"
      verb="Deploy"
      ready={stage !== ""}
      submit={async () => {
        await deploy();
        stages.refresh();
      }}
      onClose={onClose}
    >
      <FormField label="Stage" description="One that is there gets the API as it is now; another is made.">
        <Autosuggest
          value={stage}
          options={(stages.data ?? []).map(({ stageName = "" }) => ({ value: stageName }))}
          onChange={({ detail }) => setStage(detail.value)}
          enteredTextLabel={(value) => `Stage ${value}`}
          ariaLabel="Stage"
          placeholder="prod"
        />
      </FormField>
      <FormField label="Description">
        <Input value={description} onChange={({ detail }) => setDescription(detail.value)} />
      </FormField>
    </FormModal>
  );
}
