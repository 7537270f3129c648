import Alert from "@cloudscape-design/components/alert";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import { document } from "../../../aws/documents";
import { bytes } from "../../../blocks/formats/amounts";
import { LiveMark } from "../../../blocks/LiveMark";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { Page } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";

interface Quota {
  service: string;
  name: string;
  limit: number;
  /** Null where the session may not see it. */
  used: number | null;
  unit: "" | "bytes";
}

interface Quotas {
  quotas: Quota[];
  cut: string[];
}

const shareOf = ({ used, limit }: Quota) => (used === null ? undefined : (100 * used) / limit);
const amount = (value: number, { unit }: Quota) =>
  unit === "bytes" ? bytes(value) : value.toLocaleString("en");

const columns: Column<Quota>[] = [
  { id: "service", header: "Service", value: (one) => one.service, width: 200 },
  { id: "name", header: "Quota", value: (one) => one.name, width: 340 },
  {
    id: "share",
    header: "Used",
    value: shareOf,
    width: 260,
    cell: (one) =>
      one.used === null ? (
        "not yours to see"
      ) : (
        <ProgressBar
          variant="standalone"
          ariaLabel={`${one.service}: ${one.name}`}
          value={shareOf(one) ?? 0}
          description={`${amount(one.used, one)} of ${amount(one.limit, one)}`}
        />
      ),
  },
  {
    id: "limit",
    header: "Limit",
    value: (one) => one.limit,
    cell: (one) => amount(one.limit, one),
    width: 140,
  },
];

/** How many of each thing there may be, and are: of the account in this region. */
export default function QuotasPage() {
  const live = useLive(["sagehen", "quotas"], (signal) => document<Quotas>("quotas", signal));
  const { data } = live;
  return (
    <Page
      crumbs={[{ text: "Quotas" }]}
      title="Quotas"
      description={
        <>
          What the account may have in this region. <LiveMark of={live} />
        </>
      }
      refusal={data ? undefined : live.refusal}
    >
      {data && (
        <ResourceList
          id="sagehen.quotas"
          words={{ one: "quota", many: "quotas" }}
          variant="container"
          live={{ ...live, data: data.quotas }}
          idOf={(one) => `${one.service} ${one.name}`}
          columns={columns}
          sortedBy={{ column: "share", descending: true }}
          empty={{ hint: "None is known." }}
        />
      )}
      {data && data.cut.length > 0 && (
        <Alert type="info">There is more than was counted: {data.cut.join(", ")}.</Alert>
      )}
    </Page>
  );
}
