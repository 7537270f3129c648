import Box from "@cloudscape-design/components/box";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import { useMemo } from "react";
import { to } from "../../../app/links";
import { useMetrics } from "../../../blocks/charts/useMetrics";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { useLive } from "../../../live/useLive";
import { type Account, type Concurrency, MOST_FUNCTIONS, readConcurrency } from "./concurrency";

const nameOf = (one: Concurrency) => one.name;

/** The largest number of executions at once of the last minutes, by function; all of them under `*`. */
function useBusy(names: string[]): Map<string, number> {
  const live = useMetrics(
    `busy ${names.join(" ")}`,
    ["*", ...names].map((name) => ({
      title: name,
      namespace: "AWS/Lambda",
      metric: "ConcurrentExecutions",
      dimensions: (name === "*" ? {} : { FunctionName: name }) as Record<string, string>,
      stat: "Maximum",
    })),
    { minutes: 3 },
  );
  return new Map(
    (live.data ?? []).map(({ title, points }) => [title, Math.max(0, ...points.map(({ y }) => y))]),
  );
}

/** How many executions of each function go on at once, against what is reserved, kept warm, and left. */
export function Functions() {
  const live = useLive(["lambda", "concurrency of all"], readConcurrency, {
    changing: ({ functions }) => functions.some(({ requested, available }) => requested !== available),
  });
  const busy = useBusy((live.data?.functions ?? []).map(nameOf));
  const words = JSON.stringify([...busy]);
  const unreserved = live.data?.unreserved ?? 0;
  const columns = useMemo(() => columnsOf(new Map(JSON.parse(words)), unreserved), [words, unreserved]);
  return (
    <ResourceList
      id="sagehen.concurrency"
      words={{ one: "function", many: "functions" }}
      variant="container"
      live={{ ...live, data: live.data?.functions }}
      idOf={nameOf}
      columns={columns}
      sortedBy={{ column: "busy", descending: true }}
      description={live.data && <OfAccount account={live.data} busy={busy.get("*") ?? 0} />}
      empty={{ hint: <GoTo to="/lambda/functions">Create a function</GoTo> }}
    />
  );
}

function OfAccount({ account, busy }: { account: Account; busy: number }) {
  const { limit, unreserved, cut } = account;
  return (
    <>
      <ProgressBar
        label="Of the account's limit, at once in the last three minutes"
        value={limit > 0 ? Math.min(100, (100 * busy) / limit) : 0}
        description={`${busy} of ${limit}; ${limit - unreserved} are reserved, ${unreserved} are left to all others`}
      />
      {cut && <Box variant="small">Only the first {MOST_FUNCTIONS} functions are shown.</Box>}
    </>
  );
}

function columnsOf(busy: Map<string, number>, unreserved: number): Column<Concurrency>[] {
  const busyOf = ({ name }: Concurrency) => busy.get(name) ?? 0;
  const limitOf = ({ reserved }: Concurrency) => reserved ?? unreserved;
  return [
    {
      id: "name",
      header: "Function",
      value: nameOf,
      cell: ({ name }) => <GoTo to={to("lambda", "functions", name)}>{name}</GoTo>,
      width: 260,
    },
    { id: "busy", header: "At once", value: busyOf, width: 110 },
    {
      id: "share",
      header: "Of what it may",
      value: (one) => (limitOf(one) > 0 ? busyOf(one) / limitOf(one) : 0),
      cell: (one) => (
        <ProgressBar
          variant="standalone"
          ariaLabel={`Share of what ${one.name} may`}
          value={limitOf(one) > 0 ? Math.min(100, (100 * busyOf(one)) / limitOf(one)) : 0}
          additionalInfo={limitOf(one) === 0 ? "all calls are refused: 0 are reserved" : `of ${limitOf(one)}`}
        />
      ),
      width: 260,
    },
    { id: "reserved", header: "Reserved", value: ({ reserved }) => reserved, width: 110 },
    {
      id: "provisioned",
      header: "Kept warm",
      value: ({ requested }) => requested,
      cell: ({ requested, available }) =>
        requested === available ? requested : `${available} of ${requested}`,
      width: 130,
    },
  ];
}
