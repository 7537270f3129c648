import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { duration } from "../../../blocks/formats/amounts";
import { pretty } from "../../../blocks/formats/pretty";
import { KeyValues } from "../../../blocks/KeyValues";
import { type Part, partsOf, reportIn } from "./report";
import type { Tested } from "./useTest";

interface Failure {
  errorMessage?: string;
  errorType?: string;
  stackTrace?: string[];
}

/** What came of a test: the result, where its time went, its log. */
export function TestResult({ tested }: { tested: Tested }) {
  const { text, json } = pretty(tested.payload.slice(0, 100_000));
  const report = reportIn(tested.log);
  const failure = tested.error ? ((json ?? {}) as Failure) : undefined;
  return (
    <SpaceBetween size="m">
      <StatusIndicator type={failure ? "error" : "success"}>
        {failure ? `Failed: ${tested.error}` : "Succeeded"}
      </StatusIndicator>
      {failure && (
        <Alert type="error" header={failure.errorType ?? tested.error}>
          {failure.errorMessage}
          {failure.stackTrace && <pre className="text">{failure.stackTrace.join("")}</pre>}
        </Alert>
      )}
      <Parts parts={partsOf(report, tested.milliseconds)} />
      <KeyValues
        columns={4}
        of={{
          Billed: duration(report.billedMs),
          Memory: report.usedMb === undefined ? "–" : `${report.usedMb} of ${report.memoryMb} MB`,
          Version: tested.version,
          Request: <Box fontSize="body-s">{report.requestId ?? "–"}</Box>,
        }}
      />
      {!failure && <pre className="text preview">{text}</pre>}
      <pre className="log small">{tested.log || "It said nothing."}</pre>
    </SpaceBetween>
  );
}

function Parts({ parts }: { parts: Part[] }) {
  const whole = parts.reduce((sum, part) => sum + part.milliseconds, 0) || 1;
  return (
    <div
      className="parts"
      role="img"
      aria-label={parts.map((part) => `${part.name} ${part.milliseconds} ms`).join(", ")}
    >
      {parts.map((part) => (
        <div
          key={part.name}
          className={part.name.replace(" ", "-")}
          style={{ flexGrow: part.milliseconds / whole }}
        >
          <span>
            {part.name}{" "}
            {part.milliseconds < 10 ? part.milliseconds.toFixed(1) : Math.round(part.milliseconds)} ms
          </span>
        </div>
      ))}
    </div>
  );
}
