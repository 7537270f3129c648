import Box from "@cloudscape-design/components/box";
import { useMemo } from "react";
import type { Column } from "../../../../blocks/list/columns";
import { ResourceList } from "../../../../blocks/list/ResourceList";
import type { Answer } from "./running";

type Row = Record<string, string> & { "#": string };

const idOf = (row: Row) => row["#"];

/** What orders as it should: numbers by size, times by themselves. */
function ordered(text: string | undefined) {
  if (text === undefined || text === "") return undefined;
  return Number.isFinite(Number(text)) ? Number(text) : text;
}

const widthOf = (name: string) => ({ "@message": 620, "@logStream": 300 })[name] ?? 210;

/** The rows of an answer: ordered, filtered and paged as every list. */
export function Results({ answer, again }: { answer: Answer; again: () => void }) {
  const columns = useMemo<Column<Row>[]>(
    () =>
      answer.names.map((name) => ({
        id: name,
        header: name,
        value: (row) => ordered(row[name]),
        cell: (row) => <Box variant="samp">{row[name] ?? "–"}</Box>,
        width: widthOf(name),
      })),
    [answer.names],
  );
  const rows = useMemo(
    () => answer.rows.map((row, place) => ({ ...row, "#": String(place) }) as Row),
    [answer.rows],
  );
  return (
    <ResourceList
      key={answer.names.join()}
      id={`cloudwatch.insights.${answer.names.join().slice(0, 200)}`}
      words={{ one: "row", many: "rows" }}
      variant="container"
      live={{ data: rows, refusal: undefined, loading: false, seenAt: 0, refresh: again }}
      idOf={idOf}
      columns={columns}
      empty={{ hint: "Nothing was found in this time: ask for a longer one, or filter less." }}
    />
  );
}
