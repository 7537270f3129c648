import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import { document } from "../../../aws/documents";
import { Ago } from "../../../blocks/Ago";
import { KeyValues } from "../../../blocks/KeyValues";
import { LiveMark } from "../../../blocks/LiveMark";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { Page } from "../../../blocks/Page";
import { inWords } from "../../../blocks/Status";
import { useLive } from "../../../live/useLive";
import type { Cost, Item } from "./cost";
import { dollars } from "./dollars";
import { StopButton } from "./StopButton";
import { CONSEQUENCE, refusesToStop, stop } from "./stopping";

const since = (item: Item) => (item.since ? new Date(item.since) : undefined);

const columns: Column<Item>[] = [
  { id: "name", header: "Resource", value: (item) => item.name, width: 220 },
  { id: "kind", header: "Kind", value: (item) => inWords(item.kind), width: 130 },
  { id: "what", header: "What", value: (item) => item.what, width: 190 },
  {
    id: "now",
    header: "Per hour now",
    width: 150,
    value: (item) => item.usdPerHour ?? undefined,
    cell: (item) => dollars(item.usdPerHour),
  },
  {
    id: "month",
    header: "This month",
    width: 140,
    value: (item) => item.usdThisMonth ?? undefined,
    cell: (item) => dollars(item.usdThisMonth),
  },
  { id: "since", header: "Since", width: 120, value: since, cell: (item) => <Ago at={since(item)} /> },
  { id: "idle", header: "Idle", value: (item) => item.idle, width: 240 },
];

/** What runs now per hour at AWS's list prices, and what this month would have cost there. */
export default function CostPage() {
  const live = useLive(["sagehen", "cost"], (signal) => document<Cost>("cost", signal));
  const cost = live.data;
  return (
    <Page
      crumbs={[{ text: "Cost" }]}
      title="Cost"
      description={
        <>
          What it would cost on AWS. Here it costs nothing. <LiveMark of={live} />
        </>
      }
      refusal={cost ? undefined : live.refusal}
    >
      {cost && (
        <Container>
          <KeyValues
            columns={4}
            of={{
              "Per hour now": <Big>{dollars(cost.usdPerHour)}</Big>,
              "This month so far": <Big>{dollars(cost.usdThisMonth)}</Big>,
              "This month, if all goes on": <Big>{dollars(cost.usdMonthAtThisRate)}</Big>,
              "Of it idle, per hour": <Big>{dollars(cost.usdIdlePerHour)}</Big>,
            }}
          />
        </Container>
      )}
      {cost && (
        <ResourceList
          id="sagehen.cost"
          words={{ one: "resource", many: "resources" }}
          variant="container"
          live={{ ...live, data: cost.items }}
          idOf={(item) => `${item.kind} ${item.name} ${item.what}`}
          columns={columns}
          sortedBy={{ column: "now", descending: true }}
          remove={stop}
          removal={{ verb: "Stop", consequence: CONSEQUENCE, refuses: refusesToStop }}
          create={<StopButton of={cost.items.filter((item) => !refusesToStop(item))} onDone={live.refresh} />}
          empty={{ hint: "Nothing runs, and nothing has run this month." }}
        />
      )}
      {cost && (
        <Alert type="info" header="What these figures are">
          {cost.note} Not in them: {cost.leftOut.join("; ")}.
        </Alert>
      )}
    </Page>
  );
}

function Big({ children }: { children: string }) {
  return (
    <Box fontSize="heading-xl" fontWeight="bold">
      {children}
    </Box>
  );
}
