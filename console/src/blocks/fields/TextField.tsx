import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";

interface Props {
  label: string;
  hint?: string;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  number?: boolean;
  first?: boolean;
}

/** A line of text in a form, or a number. */
export function TextField({ label, hint, value, onChange, placeholder = "", number, first }: Props) {
  return (
    <FormField label={label} constraintText={hint}>
      <Input
        value={value}
        type={number ? "number" : "text"}
        onChange={({ detail }) => onChange(detail.value)}
        placeholder={placeholder}
        spellcheck={false}
        autoFocus={first ?? false}
      />
    </FormField>
  );
}
