import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  DeleteEndpointConfigCommand,
} from "@aws-sdk/client-sagemaker";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { orUndo } from "../../../aws/undo";
import { areCounts } from "../../../blocks/formats/numbers";
import { FormModal } from "../../../blocks/modals/FormModal";
import { sagemaker } from "../client";

interface Props {
  model: string;
  /** The endpoint that is being made; nothing when somebody thought better of it. */
  onClose: (endpoint: string | undefined) => void;
}

/** `2026-11-29-09-30-12`, as the SageMaker SDK ends its names. */
const stamp = () => new Date().toISOString().slice(0, 19).replace(/[T:]/g, "-");

/** Makes a model serve: an endpoint configuration and an endpoint of the same name. */
export function DeployModal({ model, onClose }: Props) {
  const [name, setName] = useState(() => `${model.slice(0, 43)}-${stamp()}`);
  const [instanceType, setInstanceType] = useState("ml.m5.large");
  const [count, setCount] = useState("1");

  const deploy = async () => {
    const variant = {
      VariantName: "AllTraffic",
      ModelName: model,
      InstanceType: instanceType as "ml.m5.large", // any that SageMaker knows; it says which it does not
      InitialInstanceCount: Number(count),
      InitialVariantWeight: 1,
    };
    await sagemaker().send(
      new CreateEndpointConfigCommand({ EndpointConfigName: name, ProductionVariants: [variant] }),
    );
    await orUndo(
      () => sagemaker().send(new CreateEndpointCommand({ EndpointName: name, EndpointConfigName: name })),
      () => sagemaker().send(new DeleteEndpointConfigCommand({ EndpointConfigName: name })),
    );
  };

  return (
    <FormModal
      title={`Deploy ${model}`}
      verb="Deploy"
      ready={name !== "" && areCounts(count)}
      submit={deploy}
      onClose={(done) => onClose(done ? name : undefined)}
    >
      <FormField label="Endpoint" description="Its configuration gets the same name.">
        <Input value={name} onChange={({ detail }) => setName(detail.value)} spellcheck={false} />
      </FormField>
      <ColumnLayout columns={2}>
        <FormField label="Instance type">
          <Input
            value={instanceType}
            onChange={({ detail }) => setInstanceType(detail.value)}
            spellcheck={false}
          />
        </FormField>
        <FormField label="Instances">
          <Input type="number" value={count} onChange={({ detail }) => setCount(detail.value)} />
        </FormField>
      </ColumnLayout>
    </FormModal>
  );
}
