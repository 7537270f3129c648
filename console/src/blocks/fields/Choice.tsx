import FormField from "@cloudscape-design/components/form-field";
import Select, { type SelectProps } from "@cloudscape-design/components/select";

interface Props {
  label: string;
  description?: string;
  value: string;
  options: readonly SelectProps.Option[];
  onChange: (value: string) => void;
}

/** One of some values, in a form. */
export function Choice({ label, description, value, options, onChange }: Props) {
  return (
    <FormField label={label} description={description}>
      <Select
        selectedOption={options.find((one) => one.value === value) ?? { value }}
        options={options}
        onChange={({ detail }) => onChange(detail.selectedOption.value ?? "")}
        filteringType={options.length > 12 ? "auto" : "none"}
      />
    </FormField>
  );
}
