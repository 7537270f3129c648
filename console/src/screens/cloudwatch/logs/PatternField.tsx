import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Popover from "@cloudscape-design/components/popover";
import SpaceBetween from "@cloudscape-design/components/space-between";

/** Documented: CloudWatch Logs User Guide, "Filter pattern syntax". */
const EXAMPLES: [string, string][] = [
  ["ERROR", "lines with this word, in this spelling"],
  ['"not found"', "with these words in a row, or with signs in them"],
  ["ERROR timeout", "with both"],
  ["?ERROR ?WARN", "with one of them"],
  ["ERROR -timeout", "with the first, without the second"],
  ["%Err(or)?%", "that a regular expression finds"],
  ['{ $.level = "ERROR" }', "of JSON, whose member is so"],
  ["{ $.ms >= 500 && $.path = /api* }", "… both, with a number, with a star for anything"],
  ["[ip, user, time, code = 5*, size]", "of words in columns, one of which is so"],
];

interface Props {
  pattern: string;
  onChange: (pattern: string) => void;
}

/** A filter pattern, with what patterns may be. */
export function PatternField({ pattern, onChange }: Props) {
  return (
    <FormField
      label="Filter pattern"
      info={
        <Popover
          header="Patterns"
          size="large"
          triggerType="text-inline"
          content={
            <SpaceBetween size="xxs">
              {EXAMPLES.map(([example, about]) => (
                <div key={example}>
                  <Button variant="inline-link" formAction="none" onClick={() => onChange(example)}>
                    {example}
                  </Button>
                  <Box color="text-body-secondary" fontSize="body-s">
                    {about}
                  </Box>
                </div>
              ))}
            </SpaceBetween>
          }
        >
          How?
        </Popover>
      }
    >
      <Input
        value={pattern}
        onChange={({ detail }) => onChange(detail.value)}
        placeholder="All lines"
        spellcheck={false}
      />
    </FormField>
  );
}
