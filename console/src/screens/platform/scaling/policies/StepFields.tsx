import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { Choice } from "../../../../blocks/fields/Choice";
import { TextField } from "../../../../blocks/fields/TextField";
import type { PolicyForm } from "./form";
import { NumberLine } from "./NumberLine";
import { type AdjustmentType, faultsOf, type Row, withOneMore } from "./steps";

interface Props {
  form: PolicyForm;
  onChange: (change: Partial<PolicyForm>) => void;
  above: boolean;
  threshold: number;
}

const TYPES: { value: AdjustmentType; label: string }[] = [
  { value: "ChangeInCapacity", label: "So many more or fewer" },
  { value: "PercentChangeInCapacity", label: "So many percent more or fewer" },
  { value: "ExactCapacity", label: "So many in all" },
];
const AGGREGATIONS = ["Average", "Minimum", "Maximum"].map((value) => ({ value }));

/** How far from the threshold which change is made. */
export function StepFields({ form, onChange, above, threshold }: Props) {
  const { rows, type } = form;
  const faults = faultsOf(rows, type);
  const put = (place: number, change: Partial<Row>) =>
    onChange({ rows: rows.map((row, index) => (index === place ? { ...row, ...change } : row)) });
  const field = (name: keyof Row, label: string, placeholder: string) => ({
    label,
    control: (row: Row, place: number) => (
      <Input
        value={row[name]}
        placeholder={placeholder}
        ariaLabel={`${label}, step ${place + 1}`}
        inputMode="numeric"
        onChange={({ detail }) => put(place, { [name]: detail.value })}
      />
    ),
  });
  return (
    <SpaceBetween size="m">
      <Choice
        label="Change"
        value={type}
        options={TYPES}
        onChange={(value) => onChange({ type: value as AdjustmentType })}
      />
      <FormField
        label="Steps"
        description="Bounds are distances from the threshold; one that is left empty has no end."
        errorText={faults.join(" ")}
        stretch
      >
        <NumberLine rows={rows} type={type} threshold={threshold} />
        <AttributeEditor
          items={rows}
          addButtonText="Add a step"
          removeButtonText="Remove"
          disableAddButton={rows.length >= 20}
          onAddButtonClick={() => onChange({ rows: withOneMore(rows, above) })}
          onRemoveButtonClick={({ detail }) =>
            onChange({ rows: rows.filter((_, index) => index !== detail.itemIndex) })
          }
          definition={[
            field("from", "From", "no end"),
            field("to", "To", "no end"),
            field("change", "Change", "1"),
          ]}
        />
      </FormField>
      <ColumnLayout columns={2}>
        <TextField
          label="Pause after it, seconds"
          hint="300 where it is left empty."
          number
          value={form.cooldown}
          onChange={(cooldown) => onChange({ cooldown })}
        />
        <Choice
          label="Of the alarm's values, it takes the"
          value={form.aggregation}
          options={AGGREGATIONS}
          onChange={(value) => onChange({ aggregation: value as PolicyForm["aggregation"] })}
        />
        {type === "PercentChangeInCapacity" && (
          <TextField
            label="At least so many at once"
            number
            value={form.magnitude}
            onChange={(magnitude) => onChange({ magnitude })}
          />
        )}
      </ColumnLayout>
    </SpaceBetween>
  );
}
