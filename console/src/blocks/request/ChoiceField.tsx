import { Choice } from "../fields/Choice";
import type { Form } from "./fields";
import { at, put } from "./put";

interface Props {
  form: Form;
  label: string;
  path: string[];
  /** AWS's words. */
  values: readonly string[];
  /** What it is called where the request does not say. */
  unset: string;
}

/** One of a few words of the request, or none of them. */
export function ChoiceField({ form, label, path, values, unset }: Props) {
  return (
    <Choice
      label={label}
      value={at<string>(form.request, path) ?? ""}
      options={[{ value: "", label: unset }, ...values.map((value) => ({ value }))]}
      onChange={(value) => form.change(put(form.request, path, value))}
    />
  );
}
