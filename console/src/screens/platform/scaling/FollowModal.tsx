import { LambdaClient, paginateListFunctions } from "@aws-sdk/client-lambda";
import { paginateListEndpoints, SageMakerClient } from "@aws-sdk/client-sagemaker";
import FormField from "@cloudscape-design/components/form-field";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";
import { aws } from "../../../aws/client";
import { collect } from "../../../aws/collect";
import { FormModal } from "../../../blocks/modals/FormModal";
import { Refused } from "../../../blocks/Refused";
import { useLive } from "../../../live/useLive";
import { BoundsFields, isBounded } from "./BoundsFields";
import { type Bounds, follow, type Kind, partsThatScale } from "./follow";

const KINDS = [
  { id: "sagemaker", text: "An endpoint" },
  { id: "lambda", text: "A function" },
];
const FIRST: Record<Kind, Bounds> = {
  sagemaker: { least: "1", most: "3", target: "600" },
  lambda: { least: "1", most: "10", target: "0.7" },
};

const namesOf = (kind: Kind) =>
  kind === "sagemaker"
    ? collect(paginateListEndpoints({ client: aws(SageMakerClient) }, { MaxResults: 100 }), (page) =>
        page.Endpoints?.map(({ EndpointName = "" }) => EndpointName),
      )
    : collect(paginateListFunctions({ client: aws(LambdaClient) }, {}), (page) =>
        page.Functions?.map(({ FunctionName = "" }) => FunctionName),
      );

/** Chooses what is to follow its load, and between which bounds. */
export function FollowModal({ onClose }: { onClose: () => void }) {
  const [kind, setKind] = useState<Kind>("sagemaker");
  const [name, setName] = useState("");
  const [part, setPart] = useState("");
  const [bounds, setBounds] = useState(FIRST.sagemaker);
  const names = useLive(["autoscaling", "names", kind], () => namesOf(kind));
  const parts = useLive(["autoscaling", "parts", kind, name], () => partsThatScale(kind, name), {
    enabled: name !== "",
  });
  const choose = (chosen: Kind) => {
    setKind(chosen);
    setName("");
    setPart("");
    setBounds(FIRST[chosen]);
  };
  const isFunction = kind === "lambda";
  return (
    <FormModal
      title="Follow the load"
      verb="Follow"
      ready={name !== "" && part !== "" && isBounded(bounds)}
      submit={() => follow(kind, name, part, bounds)}
      onClose={onClose}
    >
      <SegmentedControl
        label="What scales"
        selectedId={kind}
        options={KINDS}
        onChange={({ detail }) => choose(detail.selectedId as Kind)}
      />
      <FormField label={isFunction ? "Function" : "Endpoint"}>
        <Refused of={names.refusal} />
        <Select
          selectedOption={name ? { value: name } : null}
          options={(names.data ?? []).map((value) => ({ value }))}
          onChange={({ detail }) => {
            setName(detail.selectedOption.value ?? "");
            setPart("");
          }}
          filteringType="auto"
          empty="There is none."
          statusType={names.loading ? "loading" : "finished"}
        />
      </FormField>
      <FormField label={isFunction ? "Alias or version" : "Variant"}>
        <Refused of={parts.refusal} />
        <Select
          selectedOption={part ? { value: part } : null}
          options={(parts.data ?? []).map((value) => ({ value }))}
          onChange={({ detail }) => setPart(detail.selectedOption.value ?? "")}
          disabled={name === ""}
          empty={isFunction ? "It has none: publish a version first." : "It has none."}
          statusType={parts.loading ? "loading" : "finished"}
        />
      </FormField>
      <BoundsFields
        bounds={bounds}
        onChange={setBounds}
        label={
          isFunction
            ? "Share of what is kept warm that is in use, 0.1 to 0.9"
            : "Requests a minute for each instance"
        }
      />
    </FormModal>
  );
}
