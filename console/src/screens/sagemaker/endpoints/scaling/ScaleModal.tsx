import {
  ApplicationAutoScalingClient,
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
} from "@aws-sdk/client-application-auto-scaling";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";
import { aws } from "../../../../aws/client";
import { FormModal } from "../../../../blocks/FormModal";
import { areCounts, areNumbers } from "../../../../blocks/numbers";

interface Props {
  endpoint: string;
  variants: string[];
  onClose: () => void;
}

/** Lets a variant follow its load: bounds, and how many requests a minute one instance is to have. */
export function ScaleModal({ endpoint, variants, onClose }: Props) {
  const [variant, setVariant] = useState(variants[0] ?? "");
  const [least, setLeast] = useState("1");
  const [most, setMost] = useState("3");
  const [target, setTarget] = useState("600");
  const submit = async () => {
    const of = {
      ServiceNamespace: "sagemaker" as const,
      ResourceId: `endpoint/${endpoint}/variant/${variant}`,
      ScalableDimension: "sagemaker:variant:DesiredInstanceCount" as const,
    };
    const client = aws(ApplicationAutoScalingClient);
    await client.send(
      new RegisterScalableTargetCommand({ ...of, MinCapacity: Number(least), MaxCapacity: Number(most) }),
    );
    await client.send(
      new PutScalingPolicyCommand({
        ...of,
        PolicyName: "requests-per-instance",
        PolicyType: "TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration: {
          TargetValue: Number(target),
          PredefinedMetricSpecification: { PredefinedMetricType: "SageMakerVariantInvocationsPerInstance" },
        },
      }),
    );
  };
  return (
    <FormModal
      title="Follow the load"
      verb="Scale"
      ready={variant !== "" && areCounts(least, most) && areNumbers(target)}
      submit={submit}
      onClose={onClose}
    >
      <FormField label="Variant">
        <Select
          selectedOption={{ value: variant }}
          options={variants.map((value) => ({ value }))}
          onChange={({ detail }) => setVariant(detail.selectedOption.value ?? variant)}
        />
      </FormField>
      <ColumnLayout columns={2}>
        <FormField label="At least">
          <Input type="number" value={least} onChange={({ detail }) => setLeast(detail.value)} />
        </FormField>
        <FormField label="At most">
          <Input type="number" value={most} onChange={({ detail }) => setMost(detail.value)} />
        </FormField>
      </ColumnLayout>
      <FormField label="Requests a minute for each instance">
        <Input type="number" value={target} onChange={({ detail }) => setTarget(detail.value)} />
      </FormField>
    </FormModal>
  );
}
