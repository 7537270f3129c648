import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";
import { FormModal } from "../../../../blocks/modals/FormModal";
import { BoundsFields, isBounded } from "../../../platform/scaling/BoundsFields";
import { type Bounds, follow } from "../../../platform/scaling/follow";

interface Props {
  endpoint: string;
  variants: string[];
  onClose: () => void;
}

/** Lets a variant follow its load: bounds, and how many requests a minute one instance is to have. */
export function ScaleModal({ endpoint, variants, onClose }: Props) {
  const [variant, setVariant] = useState(variants[0] ?? "");
  const [bounds, setBounds] = useState<Bounds>({ least: "1", most: "3", target: "600" });
  return (
    <FormModal
      title="Follow the load"
      verb="Scale"
      ready={variant !== "" && isBounded(bounds)}
      submit={() => follow("sagemaker", endpoint, variant, bounds)}
      onClose={onClose}
    >
      <FormField label="Variant">
        <Select
          selectedOption={{ value: variant }}
          options={variants.map((value) => ({ value }))}
          onChange={({ detail }) => setVariant(detail.selectedOption.value ?? variant)}
        />
      </FormField>
      <BoundsFields bounds={bounds} onChange={setBounds} label="Requests a minute for each instance" />
    </FormModal>
  );
}
