import ColumnLayout from "@cloudscape-design/components/column-layout";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { areCounts, areNumbers } from "../../../blocks/formats/numbers";
import type { Bounds } from "./follow";

/** Whether bounds are whole numbers, and the target is a number. */
export const isBounded = ({ least, most, target }: Bounds): boolean =>
  areCounts(least, most) && areNumbers(target);

interface Props {
  bounds: Bounds;
  onChange: (bounds: Bounds) => void;
  /** What the target is. */
  label: string;
}

/** Between which bounds something follows what. */
export function BoundsFields({ bounds, onChange, label }: Props) {
  const field = (name: keyof Bounds, text: string) => (
    <FormField label={text}>
      <Input
        type="number"
        value={bounds[name]}
        onChange={({ detail }) => onChange({ ...bounds, [name]: detail.value })}
      />
    </FormField>
  );
  return (
    <>
      <ColumnLayout columns={2}>
        {field("least", "At least")}
        {field("most", "At most")}
      </ColumnLayout>
      {field("target", label)}
    </>
  );
}
