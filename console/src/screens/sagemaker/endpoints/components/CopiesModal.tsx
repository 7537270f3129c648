import { UpdateInferenceComponentRuntimeConfigCommand } from "@aws-sdk/client-sagemaker";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { areCounts } from "../../../../blocks/formats/numbers";
import { FormModal } from "../../../../blocks/modals/FormModal";
import { sagemaker } from "../../client";
import type { Component } from "./useComponents";

interface Props {
  component: Component;
  onClose: () => void;
}

/** Changes how many copies of a component there are. */
export function CopiesModal({ component, onClose }: Props) {
  const name = component.InferenceComponentName;
  const [count, setCount] = useState(String(component.RuntimeConfig?.DesiredCopyCount ?? 1));
  return (
    <FormModal
      title={`Copies of ${name}`}
      verb="Change"
      ready={areCounts(count)}
      submit={() =>
        sagemaker().send(
          new UpdateInferenceComponentRuntimeConfigCommand({
            InferenceComponentName: name,
            DesiredRuntimeConfig: { CopyCount: Number(count) },
          }),
        )
      }
      onClose={onClose}
    >
      <FormField label="Copies" description="None: its callers are told that it has no capacity.">
        <Input
          type="number"
          value={count}
          onChange={({ detail }) => setCount(detail.value)}
          autoFocus
          spellcheck={false}
        />
      </FormField>
    </FormModal>
  );
}
