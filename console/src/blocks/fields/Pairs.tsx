import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import Textarea from "@cloudscape-design/components/textarea";

/** Names with values, as a form has them: one that is being written has no name yet. */
export type Rows<V extends string | boolean = string> = (readonly [string, V])[];

interface Props<V extends string | boolean> {
  label: string;
  description?: string;
  /** What the columns are called: the name's, the value's. */
  columns: readonly [string, string];
  rows: Rows<V>;
  /** The value of a new row: a boolean makes a box to be ticked. */
  first: V;
  onChange: (rows: Rows<V>) => void;
  /** `header.X`, say. */
  placeholders?: readonly [string, string];
  /** Values are texts of several lines. */
  long?: boolean;
  /** What a value is chosen from. */
  choices?: readonly string[];
}

/** Rows of names and values: added, changed, removed. */
export function Pairs<V extends string | boolean>(props: Props<V>) {
  const { label, description, columns, rows, first, onChange, placeholders, long, choices } = props;
  const change = (place: number, row: readonly [string, V]) =>
    onChange(rows.map((one, index) => (index === place ? row : one)));
  return (
    <FormField label={label} description={description} stretch>
      <AttributeEditor
        items={rows}
        addButtonText="Add"
        removeButtonText="Remove"
        empty="None."
        {...(long ? { gridLayout: [{ rows: [[1, 2]], removeButton: { width: "auto" as const } }] } : {})}
        onAddButtonClick={() => onChange([...rows, ["", first]])}
        onRemoveButtonClick={({ detail }) => onChange(rows.filter((_, index) => index !== detail.itemIndex))}
        definition={[
          {
            label: columns[0],
            control: ([name, value], place) => (
              <Input
                value={name}
                ariaLabel={`${label}: ${columns[0]}`}
                placeholder={placeholders?.[0] ?? ""}
                spellcheck={false}
                onChange={({ detail }) => change(place, [detail.value, value])}
              />
            ),
          },
          {
            label: columns[1],
            control: ([name, value], place) => (
              <Value
                value={value}
                label={`${label}: ${columns[1]}`}
                placeholder={placeholders?.[1] ?? ""}
                long={long ?? false}
                choices={choices}
                onChange={(changed) => change(place, [name, changed as V])}
              />
            ),
          },
        ]}
      />
    </FormField>
  );
}

interface ValueProps {
  value: string | boolean;
  label: string;
  placeholder: string;
  long: boolean;
  choices: readonly string[] | undefined;
  onChange: (value: string | boolean) => void;
}

function Value({ value, label, placeholder, long, choices, onChange }: ValueProps) {
  if (typeof value === "boolean")
    return <Checkbox checked={value} onChange={({ detail }) => onChange(detail.checked)} />;
  if (choices)
    return (
      <Select
        selectedOption={value ? { value } : null}
        options={choices.map((one) => ({ value: one }))}
        onChange={({ detail }) => onChange(detail.selectedOption.value ?? "")}
      />
    );
  const common = { value, ariaLabel: label, placeholder, spellcheck: false };
  return long ? (
    <Textarea {...common} rows={5} onChange={({ detail }) => onChange(detail.value)} />
  ) : (
    <Input {...common} onChange={({ detail }) => onChange(detail.value)} />
  );
}
