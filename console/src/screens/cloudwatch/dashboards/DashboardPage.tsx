import {
  DeleteDashboardsCommand,
  GetDashboardCommand,
  PutDashboardCommand,
} from "@aws-sdk/client-cloudwatch";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo, useState } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { notify } from "../../../app/notices";
import { type Refusal, refusalOf } from "../../../aws/refusal";
import { Commands } from "../../../blocks/Commands";
import { RangePicker } from "../../../blocks/graph/RangePicker";
import type { Range } from "../../../blocks/graph/range";
import { DeleteModal } from "../../../blocks/modals/DeleteModal";
import { Page } from "../../../blocks/Page";
import { Refused } from "../../../blocks/Refused";
import { useLive } from "../../../live/useLive";
import { cloudwatch } from "../client";
import { bodyOf, type Dashboard, readBody, type Widget, withWidget } from "./body";
import { Content } from "./Content";
import { Grid } from "./Grid";
import { nameOf } from "./properties";
import { SourceModal } from "./SourceModal";
import { useTick } from "./useTick";
import { WidgetEditor } from "./WidgetEditor";
import { KINDS, WidgetHead } from "./WidgetHead";

const EVERY = [
  { value: "auto", label: "as it comes" },
  { value: "10", label: "every 10 s" },
  { value: "60", label: "every minute" },
  { value: "300", label: "every 5 minutes" },
  { value: "0", label: "off" },
];

interface Editing {
  /** -1 for a new one. */
  index: number;
  type: string;
  properties: Record<string, unknown>;
}

/** One dashboard: seen, and arranged. */
export default function DashboardPage() {
  const { name = "" } = useParams();
  const [search, setSearch] = useSearchParams();
  const [range, setRange] = useState<Range>({ minutes: 180 });
  const [every, setEvery] = useState("auto");
  const [draft, setDraft] = useState<Dashboard>();
  const [editing, setEditing] = useState<Editing>();
  const [source, setSource] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const [refusal, setRefusal] = useState<Refusal>();
  const navigate = useNavigate();
  const tick = useTick(Number(every) || 0);
  const live = useLive(["cloudwatch", "dashboard", name], async () => {
    const { DashboardBody = "{}" } = await cloudwatch().send(
      new GetDashboardCommand({ DashboardName: name }),
    );
    return DashboardBody;
  });
  const read = useMemo(() => readOf(live.data), [live.data]);
  // A new one has nothing to be looked at.
  const edits = draft !== undefined || (search.has("edit") && read.dashboard !== undefined);
  const dashboard = draft ?? read.dashboard;
  const paused = every === "0";

  const end = () => {
    setDraft(undefined);
    setRefusal(undefined);
    setSearch({}, { replace: true });
  };
  const put = async (body: string) => {
    await cloudwatch().send(new PutDashboardCommand({ DashboardName: name, DashboardBody: body }));
    live.refresh();
    notify.success(`${name} is saved.`);
  };
  const save = async () => {
    if (!draft) return end();
    try {
      await put(bodyOf(draft));
      end();
    } catch (error) {
      setRefusal(refusalOf(error));
    }
  };
  const change = (widgets: Widget[]) => dashboard && setDraft({ ...dashboard, widgets });
  const close = (properties: Record<string, unknown> | undefined) => {
    setEditing(undefined);
    if (!properties || !editing || !dashboard) return;
    if (editing.index < 0) return setDraft(withWidget(dashboard, editing.type, properties));
    change(dashboard.widgets.map((one, place) => (place === editing.index ? { ...one, properties } : one)));
  };

  return (
    <Page
      crumbs={[
        { text: "CloudWatch", to: "/cloudwatch" },
        { text: "Dashboards", to: "/cloudwatch/dashboards" },
        { text: name },
      ]}
      title={name}
      refusal={dashboard ? undefined : live.refusal}
      actions={
        dashboard && (
          <SpaceBetween direction="horizontal" size="xs">
            <RangePicker range={range} onChange={setRange} />
            <Select
              selectedOption={EVERY.find(({ value }) => value === every) ?? null}
              options={EVERY}
              onChange={({ detail }) => setEvery(detail.selectedOption.value ?? "auto")}
              ariaLabel="Refresh"
            />
            {edits && (
              <ButtonDropdown
                items={KINDS}
                onItemClick={({ detail }) => setEditing({ index: -1, type: detail.id, properties: {} })}
              >
                Add widget
              </ButtonDropdown>
            )}
            {edits ? (
              <>
                <Button variant="link" onClick={end}>
                  Cancel
                </Button>
                <Button variant="primary" onClick={() => void save()}>
                  Save
                </Button>
              </>
            ) : (
              <ButtonDropdown
                items={[
                  { id: "edit", text: "Edit" },
                  { id: "source", text: "Source" },
                  { id: "delete", text: "Delete" },
                ]}
                onItemClick={({ detail }) =>
                  detail.id === "edit"
                    ? setDraft(dashboard)
                    : detail.id === "source"
                      ? setSource(true)
                      : setDeleting(true)
                }
              >
                Actions
              </ButtonDropdown>
            )}
          </SpaceBetween>
        )
      }
    >
      <Refused of={refusal} />
      {read.fault && <Alert type="warning">{read.fault}</Alert>}
      {dashboard?.widgets.length === 0 && (
        <Box textAlign="center" padding="xl" color="text-body-secondary">
          {edits
            ? "Add a widget; or choose metrics on the page Metrics, which adds its graph to a dashboard."
            : "There is nothing on it yet: Actions, Edit."}
        </Box>
      )}
      {dashboard && (
        <Grid widgets={dashboard.widgets} editing={edits} onChange={change} nameOf={nameOf}>
          {(widget, index) => (
            <>
              <WidgetHead
                widget={widget}
                editing={edits}
                onEdit={() => setEditing({ index, type: widget.type, properties: widget.properties })}
                onRemove={() => change(dashboard.widgets.filter((_, place) => place !== index))}
              />
              <div className="inside">
                <Content widget={widget} range={range} paused={paused} tick={tick} />
              </div>
            </>
          )}
        </Grid>
      )}
      {dashboard && !edits && (
        <Commands
          client="CloudWatch"
          operation="PutDashboard"
          input={{ DashboardName: name, DashboardBody: bodyOf(dashboard) }}
        />
      )}
      {editing && (
        <WidgetEditor
          type={editing.type}
          properties={editing.properties}
          verb={editing.index < 0 ? "Add" : "Take over"}
          onClose={close}
        />
      )}
      {source && (
        <SourceModal
          body={dashboard ? bodyOf(dashboard, 2) : (live.data ?? "")}
          save={put}
          onClose={() => setSource(false)}
        />
      )}
      {deleting && (
        <DeleteModal
          words={{ one: "dashboard", many: "dashboards" }}
          items={[name]}
          nameOf={(one) => one}
          remove={() => cloudwatch().send(new DeleteDashboardsCommand({ DashboardNames: [name] }))}
          onClose={(gone) => {
            setDeleting(false);
            if (gone) void navigate("/cloudwatch/dashboards");
          }}
        />
      )}
    </Page>
  );
}

function readOf(body: string | undefined): { dashboard?: Dashboard; fault?: string } {
  if (body === undefined) return {};
  try {
    return { dashboard: readBody(body) };
  } catch (error) {
    return { fault: String(error instanceof Error ? error.message : error) };
  }
}
