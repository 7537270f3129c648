import type { Parameter, ParameterDeclaration } from "@aws-sdk/client-cloudformation";
import { Choice } from "../../../blocks/fields/Choice";
import { TextField } from "../../../blocks/fields/TextField";
import { shown, type Typed } from "./values";

interface Props {
  declared: readonly ParameterDeclaration[];
  typed: Typed;
  before: readonly Parameter[];
  onChange: (typed: Typed) => void;
}

/** A field for each parameter of a template. */
export function ParameterFields({ declared, typed, before, onChange }: Props) {
  return declared.map((one) => {
    const name = one.ParameterKey ?? "";
    const value = shown(one, typed, before);
    const change = (changed: string) => onChange({ ...typed, [name]: changed });
    const allowed = one.ParameterConstraints?.AllowedValues ?? [];
    const hint = [one.Description, one.ParameterType].filter(Boolean).join(" · ");
    return allowed.length > 0 ? (
      <Choice
        key={name}
        label={name}
        description={hint}
        value={value}
        options={allowed.map((each) => ({ value: each }))}
        onChange={change}
      />
    ) : (
      <TextField key={name} label={name} hint={hint} value={value} onChange={change} />
    );
  });
}
