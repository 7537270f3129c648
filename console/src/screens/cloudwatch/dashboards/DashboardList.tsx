import {
  type DashboardEntry,
  DeleteDashboardsCommand,
  PutDashboardCommand,
  paginateListDashboards,
} from "@aws-sdk/client-cloudwatch";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { useNavigate } from "react-router";
import { to } from "../../../app/links";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { bytes } from "../../../blocks/formats/amounts";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { CreateModal } from "../../../blocks/modals/CreateModal";
import { useCrumbs } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { cloudwatch } from "../client";

const nameOf = (one: DashboardEntry) => one.DashboardName ?? "";

const columns: Column<DashboardEntry>[] = [
  {
    id: "name",
    header: "Dashboard",
    value: nameOf,
    cell: (one) => <GoTo to={to("cloudwatch", "dashboards", nameOf(one))}>{nameOf(one)}</GoTo>,
    width: 320,
  },
  {
    id: "modified",
    header: "Changed",
    value: (one) => one.LastModified,
    cell: (one) => <Ago at={one.LastModified} />,
  },
  { id: "size", header: "Size", value: (one) => one.Size, cell: (one) => bytes(one.Size) },
];

/** All dashboards. */
export default function DashboardList() {
  useCrumbs([{ text: "CloudWatch", to: "/cloudwatch" }, { text: "Dashboards" }]);
  const [creating, setCreating] = useState(false);
  const navigate = useNavigate();
  const live = useLive(["cloudwatch", "dashboards"], () =>
    collect(paginateListDashboards({ client: cloudwatch() }, {}), (page) => page.DashboardEntries),
  );
  const create = (DashboardName: string) =>
    cloudwatch().send(
      new PutDashboardCommand({ DashboardName, DashboardBody: JSON.stringify({ widgets: [] }) }),
    );
  const button = (
    <Button variant="primary" onClick={() => setCreating(true)}>
      Create dashboard
    </Button>
  );
  return (
    <>
      <ResourceList
        id="cloudwatch.dashboards"
        words={{ one: "dashboard", many: "dashboards" }}
        live={live}
        idOf={nameOf}
        columns={columns}
        sortedBy={{ column: "name" }}
        create={button}
        remove={(one) => cloudwatch().send(new DeleteDashboardsCommand({ DashboardNames: [nameOf(one)] }))}
        empty={{ hint: "Graphs, numbers, alarms and logs side by side, in AWS's own JSON." }}
      />
      {creating && (
        <CreateModal
          title="Create dashboard"
          label="Name"
          hint="Letters, digits, hyphens and underscores."
          create={create}
          onClose={(name) =>
            name ? void navigate(`${to("cloudwatch", "dashboards", name)}?edit`) : setCreating(false)
          }
        />
      )}
    </>
  );
}
