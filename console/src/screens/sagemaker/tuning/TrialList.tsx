import { useMemo } from "react";
import { to } from "../../../app/links";
import { duration } from "../../../blocks/formats/amounts";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { Status } from "../../../blocks/Status";
import type { Live } from "../../../live/useLive";
import type { Trial } from "./trials";

const idOf = (trial: Trial) => trial.name;

const numberOr = (text: string | undefined) =>
  text === undefined || Number.isNaN(Number(text)) ? text : Number(text);

/** Six figures of a number: trials have sixteen, of which none tells more. */
const shortened = (text: string | undefined) => {
  const value = numberOr(text);
  return typeof value === "number" ? String(Number(value.toPrecision(6))) : (value ?? "–");
};

const tookMs = ({ began, ended }: Trial) => (began && ended ? ended.getTime() - began.getTime() : undefined);

function columnsOf(objective: string, names: string[]): Column<Trial>[] {
  return [
    {
      id: "name",
      header: "Training job",
      value: idOf,
      cell: (trial) => <GoTo to={to("sagemaker", "training-jobs", trial.name)}>{trial.name}</GoTo>,
      width: 340,
    },
    {
      id: "status",
      header: "Status",
      value: (trial) => trial.status,
      cell: (trial) => <Status of={trial.status} />,
    },
    { id: "objective", header: objective, value: (trial) => trial.objective },
    ...names.map(
      (name): Column<Trial> => ({
        id: `$${name}`,
        header: name,
        value: (trial) => numberOr(trial.values[name]),
        cell: (trial) => shortened(trial.values[name]),
      }),
    ),
    { id: "took", header: "Duration", value: tookMs, cell: (trial) => duration(tookMs(trial)) },
  ];
}

interface Props {
  live: Live<Trial[]>;
  objective: string;
  maximize: boolean;
}

/** All trials of a tuning job, the best first. */
export function TrialList({ live, objective, maximize }: Props) {
  const names = [...new Set((live.data ?? []).flatMap((trial) => Object.keys(trial.values)))]
    .toSorted()
    .join("\n");
  const columns = useMemo(() => columnsOf(objective, names ? names.split("\n") : []), [objective, names]);
  return (
    <ResourceList
      key={names}
      id="sagemaker.trials"
      words={{ one: "trial", many: "trials" }}
      variant="container"
      live={live}
      idOf={idOf}
      columns={columns}
      sortedBy={{ column: "objective", descending: maximize }}
      empty={{ hint: "The first trials are being started." }}
    />
  );
}
