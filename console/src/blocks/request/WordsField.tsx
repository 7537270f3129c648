import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import type { Form } from "./fields";
import { at, put } from "./put";

interface Props {
  form: Form;
  label: string;
  path: string[];
  add: string;
  hint?: string;
}

/** Words in their order: a command, its arguments. An empty one is a word, too. */
export function WordsField({ form, label, path, add, hint }: Props) {
  const words = at<string[]>(form.request, path) ?? [];
  const change = (changed: string[]) => form.change(put(form.request, path, changed));
  return (
    <FormField label={label} description={hint} stretch>
      <AttributeEditor
        items={words}
        addButtonText={add}
        removeButtonText="Remove"
        onAddButtonClick={() => change([...words, ""])}
        onRemoveButtonClick={({ detail }) => change(words.filter((_, index) => index !== detail.itemIndex))}
        empty="None."
        definition={[
          {
            label: "Word",
            control: (word: string, place: number) => (
              <Input
                value={word}
                onChange={({ detail }) =>
                  change(words.map((one, index) => (index === place ? detail.value : one)))
                }
                spellcheck={false}
              />
            ),
          },
        ]}
      />
    </FormField>
  );
}
