import { CloudWatchClient, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import { paginateListEndpointConfigs, UpdateEndpointCommand } from "@aws-sdk/client-sagemaker";
import Checkbox from "@cloudscape-design/components/checkbox";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Multiselect from "@cloudscape-design/components/multiselect";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";
import { aws } from "../../../../aws/client";
import { collect } from "../../../../aws/collect";
import { FormModal } from "../../../../blocks/modals/FormModal";
import { Refused } from "../../../../blocks/Refused";
import { useLive } from "../../../../live/useLive";
import { sagemaker } from "../../client";
import { deploymentOf, faultsOf, type Kind, PLAIN } from "./policy";

const KINDS: { value: Kind; label: string; description: string }[] = [
  { value: "ALL_AT_ONCE", label: "All at once", description: "when all new instances are there" },
  { value: "CANARY", label: "Canary", description: "a part first, then the rest" },
  { value: "LINEAR", label: "Linear", description: "in equal steps" },
  { value: "ROLLING", label: "Rolling", description: "old instances go as new ones come" },
];

interface Props {
  endpoint: string;
  /** The configuration that is in service. */
  now: string | undefined;
  onClose: (done: boolean) => void;
}

/** Moves an endpoint onto another configuration, at once or step by step. */
export function UpdateModal({ endpoint, now, onClose }: Props) {
  const [configuration, setConfiguration] = useState("");
  const [policy, setPolicy] = useState(PLAIN);
  const [retain, setRetain] = useState(false);
  const change = (changed: Partial<typeof PLAIN>) => setPolicy({ ...policy, ...changed });
  const configurations = useLive(["sagemaker", "endpointConfigurations"], () =>
    collect(
      paginateListEndpointConfigs({ client: sagemaker() }, { MaxResults: 100 }),
      (page) => page.EndpointConfigs,
    ),
  );
  const alarms = useLive(["cloudwatch", "alarms"], () =>
    collect(paginateDescribeAlarms({ client: aws(CloudWatchClient) }, {}), (page) => page.MetricAlarms),
  );
  const names = (alarms.data ?? []).map(({ AlarmName = "" }) => ({ value: AlarmName, label: AlarmName }));
  const options = (configurations.data ?? []).map(({ EndpointConfigName = "" }) => ({
    value: EndpointConfigName,
    label: EndpointConfigName,
    ...(EndpointConfigName === now ? { tags: ["in service"] } : {}),
  }));
  const faults = faultsOf(policy);
  const inSteps = policy.kind === "CANARY" || policy.kind === "LINEAR" || policy.kind === "ROLLING";
  const submit = () =>
    sagemaker().send(
      new UpdateEndpointCommand({
        EndpointName: endpoint,
        EndpointConfigName: configuration,
        DeploymentConfig: deploymentOf(policy),
        ...(retain ? { RetainAllVariantProperties: true } : {}),
      }),
    );
  return (
    <FormModal
      title={`Update ${endpoint}`}
      verb="Update"
      ready={configuration !== "" && Object.keys(faults).length === 0}
      submit={submit}
      onClose={onClose}
    >
      <FormField label="Configuration">
        <Refused of={configurations.refusal} />
        <Select
          selectedOption={options.find(({ value }) => value === configuration) ?? null}
          options={options}
          onChange={({ detail }) => setConfiguration(detail.selectedOption.value ?? "")}
          filteringType="auto"
          placeholder="Choose one"
          empty="There is no configuration."
          statusType={configurations.loading ? "loading" : "finished"}
        />
      </FormField>
      <FormField label="Traffic">
        <Select
          selectedOption={KINDS.find(({ value }) => value === policy.kind) ?? null}
          options={KINDS}
          onChange={({ detail }) => change({ kind: detail.selectedOption.value as Kind })}
        />
      </FormField>
      <ColumnLayout columns={inSteps ? 3 : 2}>
        {inSteps && (
          <FormField label="Step" constraintText="Per cent of the instances" errorText={faults.size}>
            <Input
              type="number"
              value={policy.size}
              onChange={({ detail }) => change({ size: detail.value })}
            />
          </FormField>
        )}
        <FormField label="Bake time" constraintText="Seconds after each step" errorText={faults.wait}>
          <Input
            type="number"
            value={policy.wait}
            onChange={({ detail }) => change({ wait: detail.value })}
          />
        </FormField>
        {policy.kind !== "ROLLING" && (
          <FormField label="Keep the old" constraintText="Seconds after the last step">
            <Input
              type="number"
              value={policy.terminationWait}
              onChange={({ detail }) => change({ terminationWait: detail.value })}
            />
          </FormField>
        )}
      </ColumnLayout>
      <FormField label="Alarms" description="One in ALARM before the update is over takes it back.">
        <Multiselect
          selectedOptions={names.filter(({ value }) => policy.alarms.includes(value))}
          options={names}
          onChange={({ detail }) => change({ alarms: detail.selectedOptions.map(({ value = "" }) => value) })}
          filteringType="auto"
          empty={alarms.refusal?.message ?? "There is no alarm."}
          placeholder="None"
        />
      </FormField>
      <Checkbox checked={retain} onChange={({ detail }) => setRetain(detail.checked)}>
        Keep weights and numbers of instances as they are now
      </Checkbox>
    </FormModal>
  );
}
