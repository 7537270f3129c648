import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useEffect, useState } from "react";
import { areCounts } from "../formats/numbers";
import { at, numberIn, type Pair, pairsOf, put, type Request, recordOf } from "./put";

/** A form's hold on a request. */
export interface Form {
  request: Request;
  change: (request: Request) => void;
}

interface FieldProps {
  form: Form;
  label: string;
  path: string[];
  hint?: string;
  placeholder?: string;
}

/** A text of the request. */
export function TextField({ form, label, path, hint, placeholder }: FieldProps) {
  return (
    <FormField label={label} constraintText={hint} stretch>
      <Input
        value={at<string>(form.request, path) ?? ""}
        onChange={({ detail }) => form.change(put(form.request, path, detail.value))}
        spellcheck={false}
        {...(placeholder ? { placeholder } : {})}
      />
    </FormField>
  );
}

/** A whole number of the request. */
export function CountField({ form, label, path, hint }: FieldProps) {
  const value = at<number>(form.request, path);
  const [text, setText] = useState(String(value ?? ""));
  const isFault = text !== "" && !areCounts(text);
  useEffect(() => {
    // Somebody has written it elsewhere.
    setText((typed) => (areCounts(typed) && Number(typed) === value ? typed : String(value ?? "")));
  }, [value]);
  return (
    <FormField
      label={label}
      constraintText={hint}
      errorText={isFault ? "A whole number, please." : undefined}
    >
      <Input
        type="number"
        value={text}
        onChange={({ detail }) => {
          setText(detail.value);
          form.change(put(form.request, path, areCounts(detail.value) ? Number(detail.value) : undefined));
        }}
      />
    </FormField>
  );
}

/** Names with values: hyperparameters, an environment. */
export function PairsField({ form, label, path, add }: FieldProps & { add: string }) {
  const value = at<Record<string, string>>(form.request, path);
  const [pairs, setPairs] = useState<Pair[]>(pairsOf(value));
  const words = JSON.stringify(value ?? {});
  useEffect(() => {
    // A line that is being written has no name yet: it is not in the request, and stays on the screen.
    setPairs((shown) =>
      JSON.stringify(recordOf(shown)) === words
        ? shown
        : pairsOf(JSON.parse(words) as Record<string, string>),
    );
  }, [words]);
  const change = (changed: Pair[]) => {
    setPairs(changed);
    form.change(put(form.request, path, recordOf(changed)));
  };
  const edit = (place: number, part: Partial<Pair>) =>
    change(pairs.map((pair, index) => (index === place ? { ...pair, ...part } : pair)));
  return (
    <FormField label={label} stretch>
      <AttributeEditor
        items={pairs}
        addButtonText={add}
        removeButtonText="Remove"
        onAddButtonClick={() => setPairs([...pairs, { name: "", value: "" }])}
        onRemoveButtonClick={({ detail }) => change(pairs.filter((_, index) => index !== detail.itemIndex))}
        empty="None."
        definition={[
          {
            label: "Name",
            control: ({ name }, place) => (
              <Input
                value={name}
                onChange={({ detail }) => edit(place, { name: detail.value })}
                spellcheck={false}
              />
            ),
          },
          {
            label: "Value",
            control: ({ value: text }, place) => (
              <Input
                value={text}
                onChange={({ detail }) => edit(place, { value: detail.value })}
                spellcheck={false}
              />
            ),
          },
        ]}
      />
    </FormField>
  );
}

export interface RowColumn {
  label: string;
  path: string[];
  /** A number. */
  count?: boolean;
}

/** Things of one kind: channels, variants. Members that have no column are kept. */
export function RowsField({
  form,
  label,
  path,
  add,
  columns,
  fresh,
}: FieldProps & { add: string; columns: RowColumn[]; fresh: Request }) {
  const rows = at<Request[]>(form.request, path) ?? [];
  const change = (changed: Request[]) => form.change(put(form.request, path, changed));
  return (
    <FormField label={label} stretch>
      <AttributeEditor
        items={rows}
        addButtonText={add}
        removeButtonText="Remove"
        onAddButtonClick={() => change([...rows, fresh])}
        onRemoveButtonClick={({ detail }) => change(rows.filter((_, index) => index !== detail.itemIndex))}
        empty="None."
        definition={columns.map((column) => ({
          label: column.label,
          control: (row: Request, place: number) => (
            <Input
              value={String(at(row, column.path) ?? "")}
              inputMode={column.count ? "decimal" : "text"}
              spellcheck={false}
              onChange={({ detail }) => {
                const value = column.count ? numberIn(detail.value) : detail.value;
                change(rows.map((one, index) => (index === place ? put(one, column.path, value) : one)));
              }}
            />
          ),
        }))}
      />
    </FormField>
  );
}
