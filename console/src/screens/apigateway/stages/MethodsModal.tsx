import {
  type PatchOperation,
  paginateGetResources,
  type Stage,
  UpdateStageCommand,
} from "@aws-sdk/client-api-gateway";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import { useState } from "react";
import { collect } from "../../../aws/collect";
import { Choice } from "../../../blocks/fields/Choice";
import { areNumbers } from "../../../blocks/formats/numbers";
import { FormModal } from "../../../blocks/modals/FormModal";
import { Refused } from "../../../blocks/Refused";
import { useLive } from "../../../live/useLive";
import { gateway } from "../client";
import { LimitFields, type Limits } from "./LimitFields";
import { type Method, methodsOf, ownPatches, settingOf, stagePatchesFor, wishOf } from "./methods";

interface Props {
  api: string;
  stage: Stage;
  onClose: (done: boolean) => void;
}

const WAYS = [
  { id: "stage", text: "As the stage" },
  { id: "own", text: "Its own" },
];

/** How much one method of a stage lets in, and what it writes down, where it is not as the stage. */
export function MethodsModal({ api, stage, onClose }: Props) {
  const [method, setMethod] = useState<Method>();
  const [own, setOwn] = useState(false);
  const [wish, setWish] = useState<Limits>();
  const live = useLive(["apigateway", `methods ${api}`], () =>
    collect(
      paginateGetResources({ client: gateway() }, { restApiId: api, embed: ["methods"] }),
      (page) => page.items,
    ),
  );
  const methods = methodsOf(live.data ?? []);
  const choose = (key: string) => {
    const chosen = methods.find((one) => one.key === key);
    setMethod(chosen);
    if (!chosen) return;
    setOwn(settingOf(stage, chosen) !== undefined);
    setWish(wishOf(stage, chosen));
  };
  const change = (part: Partial<Limits>) => setWish((before) => before && { ...before, ...part });
  const save = async () => {
    if (!method || !wish) return;
    const before = settingOf(stage, method);
    const patchOperations: PatchOperation[] = own
      ? ownPatches(method, wish)
      : before
        ? stagePatchesFor(method)
        : [];
    if (patchOperations.length > 0)
      await gateway().send(
        new UpdateStageCommand({ restApiId: api, stageName: stage.stageName, patchOperations }),
      );
  };
  return (
    <FormModal
      title={`Methods of ${stage.stageName}`}
      verb="Save"
      size="large"
      ready={method !== undefined && (!own || areNumbers(wish?.rate ?? "", wish?.burst ?? ""))}
      submit={save}
      onClose={onClose}
    >
      <Refused of={live.refusal} />
      <Choice
        label="Method"
        value={method?.key ?? ""}
        options={methods.map((one) => ({
          value: one.key,
          label: one.name,
          description: settingOf(stage, one) ? "has settings of its own" : "as the stage",
        }))}
        onChange={choose}
      />
      {method && (
        <SegmentedControl
          label="Settings"
          selectedId={own ? "own" : "stage"}
          options={WAYS}
          onChange={({ detail }) => setOwn(detail.selectedId === "own")}
        />
      )}
      {method && own && wish && <LimitFields limits={wish} onChange={change} />}
    </FormModal>
  );
}
