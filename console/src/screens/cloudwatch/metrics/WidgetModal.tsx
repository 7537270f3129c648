import { GetDashboardCommand, PutDashboardCommand, paginateListDashboards } from "@aws-sdk/client-cloudwatch";
import Autosuggest from "@cloudscape-design/components/autosuggest";
import FormField from "@cloudscape-design/components/form-field";
import { useState } from "react";
import { useNavigate } from "react-router";
import { to } from "../../../app/links";
import { collect } from "../../../aws/collect";
import { isMissing } from "../../../aws/refusal";
import { FormModal } from "../../../blocks/modals/FormModal";
import { useLive } from "../../../live/useLive";
import { cloudwatch } from "../client";
import { bodyOf, type Dashboard, readBody, withWidget } from "../dashboards/body";

interface Props {
  /** Of a metric widget. */
  properties: Record<string, unknown>;
  onClose: () => void;
}

async function read(name: string): Promise<Dashboard> {
  try {
    const { DashboardBody } = await cloudwatch().send(new GetDashboardCommand({ DashboardName: name }));
    return readBody(DashboardBody ?? "{}");
  } catch (error) {
    if (isMissing(error)) return { rest: {}, widgets: [] };
    throw error;
  }
}

/** Puts the graph below what a dashboard has; a name that is none yet makes one. */
export function WidgetModal({ properties, onClose }: Props) {
  const [name, setName] = useState("");
  const navigate = useNavigate();
  const live = useLive(["cloudwatch", "dashboards"], () =>
    collect(paginateListDashboards({ client: cloudwatch() }, {}), (page) => page.DashboardEntries),
  );
  const save = async () => {
    const body = withWidget(await read(name), "metric", properties);
    await cloudwatch().send(new PutDashboardCommand({ DashboardName: name, DashboardBody: bodyOf(body) }));
  };
  return (
    <FormModal
      title="Add to a dashboard"
      verb="Add"
      ready={name !== ""}
      submit={save}
      onClose={(done) => (done ? void navigate(to("cloudwatch", "dashboards", name)) : onClose())}
    >
      <FormField label="Dashboard" constraintText="A new one where there is none of this name.">
        <Autosuggest
          value={name}
          options={(live.data ?? []).map(({ DashboardName = "" }) => ({ value: DashboardName }))}
          onChange={({ detail }) => setName(detail.value)}
          enteredTextLabel={(text) => `A new dashboard: ${text}`}
          ariaLabel="Dashboard"
        />
      </FormField>
    </FormModal>
  );
}
