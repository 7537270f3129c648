import Checkbox from "@cloudscape-design/components/checkbox";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import { Choice } from "../../../blocks/fields/Choice";
import { TextField } from "../../../blocks/fields/TextField";
import { LEVELS } from "./settings";

/** What a stage lets in and writes down, of all its methods or of one. */
export interface Limits {
  rate: string;
  burst: string;
  logs: string;
  bodies: boolean;
  metrics: boolean;
}

interface Props {
  limits: Limits;
  onChange: (part: Partial<Limits>) => void;
  /** What a stage's own say besides: what an empty rate means, where the log is. */
  hints?: { rate: string; log: string };
}

/** Fields of it: throttle, log, metrics. */
export function LimitFields({ limits, onChange, hints }: Props) {
  return (
    <ColumnLayout columns={2}>
      <TextField
        label="Requests per second"
        {...(hints ? { hint: hints.rate } : {})}
        number
        value={limits.rate}
        onChange={(rate) => onChange({ rate })}
      />
      <TextField
        label="At once beyond that"
        number
        value={limits.burst}
        onChange={(burst) => onChange({ burst })}
      />
      <Choice
        label="Execution log"
        {...(hints ? { description: hints.log } : {})}
        value={limits.logs}
        options={LEVELS}
        onChange={(logs) => onChange({ logs })}
      />
      <div>
        <Checkbox
          checked={limits.bodies}
          disabled={limits.logs === "OFF"}
          onChange={({ detail }) => onChange({ bodies: detail.checked })}
        >
          Requests and answers whole, with what is secret in them
        </Checkbox>
        <Checkbox checked={limits.metrics} onChange={({ detail }) => onChange({ metrics: detail.checked })}>
          Metrics for each method
        </Checkbox>
      </div>
    </ColumnLayout>
  );
}
