import { type PasswordPolicy, UpdateAccountPasswordPolicyCommand } from "@aws-sdk/client-iam";
import Checkbox from "@cloudscape-design/components/checkbox";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import { useState } from "react";
import { TextField } from "../../../blocks/fields/TextField";
import { FormModal } from "../../../blocks/modals/FormModal";
import { iam } from "../client";
import { type Form, formOf, inputOf, isForm } from "./policy";

interface Props {
  policy: PasswordPolicy | undefined;
  onClose: (done: boolean) => void;
}

const BOXES: [keyof Form & ("symbols" | "numbers" | "upper" | "lower" | "change" | "hard"), string][] = [
  ["upper", "An upper-case letter"],
  ["lower", "A lower-case letter"],
  ["numbers", "A digit"],
  ["symbols", "A symbol"],
  ["change", "Users may change their own"],
  ["hard", "Nobody changes one that is too old but who administrates"],
];

/** What the account's passwords must be. */
export function EditPolicy({ policy, onClose }: Props) {
  const [form, setForm] = useState(() => formOf(policy));
  const change = (part: Partial<Form>) => setForm((before) => ({ ...before, ...part }));
  return (
    <FormModal
      title="Password policy"
      verb="Save"
      ready={isForm(form)}
      submit={() => iam().send(new UpdateAccountPasswordPolicyCommand(inputOf(form)))}
      onClose={onClose}
    >
      <TextField
        label="Characters, at least"
        hint="6 to 128"
        number
        value={form.length}
        onChange={(length) => change({ length })}
        first
      />
      <div>
        {BOXES.map(([member, label]) => (
          <Checkbox
            key={member}
            checked={form[member]}
            disabled={member === "hard" && form.age.trim() === ""}
            onChange={({ detail }) => change({ [member]: detail.checked })}
          >
            {label}
          </Checkbox>
        ))}
      </div>
      <ColumnLayout columns={2}>
        <TextField
          label="Good for, days"
          hint="1 to 1095; empty: ever"
          number
          value={form.age}
          onChange={(age) => change({ age })}
        />
        <TextField
          label="Not one of the last"
          hint="1 to 24; empty: any may come again"
          number
          value={form.reuse}
          onChange={(reuse) => change({ reuse })}
        />
      </ColumnLayout>
    </FormModal>
  );
}
