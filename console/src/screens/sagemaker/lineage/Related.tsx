import { to } from "../../../app/links";
import { Ago } from "../../../blocks/Ago";
import type { Words } from "../../../blocks/formats/words";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { inWords, Status } from "../../../blocks/Status";
import type { Live } from "../../../live/useLive";
import { type Entity, type Lineage, MOST, type Side } from "./reading";
import { SourceLink } from "./SourceLink";
import { namedBy } from "./sources";

/** An entity that is related to the one that the page is about. */
interface Relative {
  entity: Entity;
  away: number;
  /** `contributed to`, and the names of those nearer. */
  ties: [string, string[]][];
}

/** More than these are counted: an image contributed to all that ran on it. */
const MOST_NAMES = 3;

const columns: Column<Relative>[] = [
  { id: "away", header: "Away", value: ({ away }) => away, width: 85 },
  {
    id: "what",
    header: "What",
    value: ({ entity }) => inWords(entity.type ?? "Entity"),
    width: 155,
  },
  {
    id: "which",
    header: "Which",
    value: ({ entity }) => namedBy(entity).text,
    cell: ({ entity }) => <SourceLink of={entity} />,
    width: 245,
  },
  { id: "how", header: "How", value: ({ ties }) => ties.map(inText).join("; "), width: 215 },
  {
    id: "status",
    header: "Status",
    value: ({ entity }) => entity.status,
    cell: ({ entity }) => <Status of={entity.status} />,
    width: 135,
  },
  {
    id: "recorded",
    header: "Recorded",
    value: ({ entity }) => entity.at,
    cell: ({ entity }) => <Ago at={entity.at} />,
    hidden: true,
  },
  {
    id: "lineage",
    header: "Lineage",
    value: () => undefined,
    cell: ({ entity }) => <GoTo to={to("sagemaker", "lineage", entity.arn)}>From here</GoTo>,
    width: 110,
  },
];

function inText([relation, names]: [string, string[]]): string {
  const more = names.length - MOST_NAMES;
  return `${relation} ${names.slice(0, MOST_NAMES).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

interface Props {
  id: string;
  words: Words;
  about: string;
  /** What to say where there is none. */
  none: string;
  live: Live<Lineage>;
  side: (lineage: Lineage) => Side;
}

/** All that came before something, or after it. */
export function Related({ id, words, about, none, live, side }: Props) {
  const lineage = live.data;
  const cut = lineage && side(lineage).cut;
  return (
    <ResourceList
      id={`sagemaker.lineage.${id}`}
      variant="container"
      words={words}
      description={cut ? `${about} The nearest ${MOST} of more.` : about}
      live={{ ...live, data: lineage && relativesOf(lineage, side(lineage)) }}
      idOf={({ entity }) => entity.arn}
      nameOf={({ entity }) => namedBy(entity).text}
      columns={columns}
      sortedBy={{ column: "away" }}
      empty={{ hint: none }}
    />
  );
}

function relativesOf({ entities }: Lineage, { places }: Side): Relative[] {
  const entityOf = (arn: string): Entity => entities[arn] ?? { arn, type: undefined };
  return places.map(({ arn, away, ties }) => {
    const names = new Map<string, string[]>();
    for (const { relation, other } of ties)
      names.set(relation, [...(names.get(relation) ?? []), namedBy(entityOf(other)).text]);
    return { entity: entityOf(arn), away, ties: [...names] };
  });
}
