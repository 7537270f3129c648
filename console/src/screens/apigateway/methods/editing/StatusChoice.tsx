import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";

interface Props {
  statuses: string[];
  /** Empty for a new one. */
  chosen: string;
  onChoose: (status: string) => void;
  onRemove: () => void;
}

/** Which of the answers is being written. */
export function StatusChoice({ statuses, chosen, onChoose, onRemove }: Props) {
  const options = [...statuses.map((value) => ({ value, label: value })), { value: "", label: "A new one" }];
  return (
    <SpaceBetween direction="horizontal" size="s" alignItems="end">
      <FormField label="Answer">
        <Select
          selectedOption={options.find(({ value }) => value === chosen) ?? null}
          options={options}
          onChange={({ detail }) => onChoose(detail.selectedOption.value ?? "")}
        />
      </FormField>
      {chosen && (
        <Button formAction="none" onClick={onRemove} ariaLabel={`Remove ${chosen}`}>
          Remove
        </Button>
      )}
    </SpaceBetween>
  );
}
