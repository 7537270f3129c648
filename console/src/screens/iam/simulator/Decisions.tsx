import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { to } from "../../../app/links";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Decision, Matched } from "./ask";
import { DECISIONS } from "./question";

/** What the simulator decided, with the statements behind it. */
export function Decisions({ of }: { of: Decision[] }) {
  const allowed = of.filter(({ decision }) => decision === "allowed").length;
  return (
    <Table
      items={of}
      wrapLines
      resizableColumns
      ariaLabels={{ tableLabel: "Decisions" }}
      header={<Header counter={`(${allowed} of ${of.length} allowed)`}>Decisions</Header>}
      columnDefinitions={[
        { id: "action", header: "Action", cell: ({ action }) => action, width: 210 },
        { id: "resource", header: "Resource", cell: ({ resource }) => resource, width: 230 },
        { id: "decision", header: "Decision", cell: (one) => <Verdict of={one} />, width: 190 },
        {
          id: "statements",
          header: "Statements that decided",
          cell: ({ matched }) => (
            <SpaceBetween size="s">
              {matched.map((one) => (
                <Words key={one.policy + one.text} of={one} />
              ))}
              {matched.length === 0 && "None is about it."}
            </SpaceBetween>
          ),
          minWidth: 300,
        },
      ]}
    />
  );
}

function Verdict({ of }: { of: Decision }) {
  return (
    <>
      <StatusIndicator type={of.decision === "allowed" ? "success" : "error"} wrapText>
        {DECISIONS[of.decision] ?? of.decision}
      </StatusIndicator>
      {of.boundary === false && <Box variant="small">The permissions boundary does not allow it.</Box>}
      {of.missing.length > 0 && <Box variant="small">No value was given for {of.missing.join(", ")}.</Box>}
    </>
  );
}

function Words({ of }: { of: Matched }) {
  return (
    <div>
      {of.arn ? <GoTo to={to("iam", "policies", of.arn)}>{of.policy}</GoTo> : <strong>{of.policy}</strong>}
      {of.text && <pre className="text">{of.text}</pre>}
    </div>
  );
}
