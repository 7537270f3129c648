import {
  DeleteStackCommand,
  type Stack,
  UpdateTerminationProtectionCommand,
} from "@aws-sdk/client-cloudformation";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { notify } from "../../../app/notices";
import { LiveMark } from "../../../blocks/LiveMark";
import { DeleteModal } from "../../../blocks/modals/DeleteModal";
import { Page } from "../../../blocks/Page";
import type { Live } from "../../../live/useLive";
import { ChangeSetList } from "../changes/ChangeSetList";
import { Waiting } from "../changes/Waiting";
import { cloudformation } from "../client";
import { EventList } from "./EventList";
import { Named } from "./Named";
import { ResourcesOfStack } from "./ResourcesOfStack";
import { StackSummary } from "./StackSummary";
import { goesOn, whyNotUpdated } from "./states";
import { TemplateText } from "./TemplateText";
import { useStack } from "./useStack";

/** One stack: what it made, from what, and what happened. */
export default function StackPage() {
  const { name = "" } = useParams();
  const live = useStack(name);
  const stack = live.data;
  const changing = goesOn(stack?.StackStatus);
  return (
    <Page
      crumbs={[
        { text: "CloudFormation", to: "/cloudformation" },
        { text: "Stacks", to: "/cloudformation/stacks" },
        { text: name },
      ]}
      title={stack?.StackName ?? name}
      description={<LiveMark of={live} />}
      refusal={stack ? undefined : live.refusal}
      actions={<Actions name={name} live={live} />}
    >
      {stack && <Waiting stack={name} />}
      {stack && <StackSummary stack={stack} />}
      {stack && (
        <Tabs
          ariaLabel="About the stack"
          tabs={[
            { id: "events", label: "Events", content: <EventList stack={name} changing={changing} /> },
            {
              id: "resources",
              label: "Resources",
              content: <ResourcesOfStack stack={name} changing={changing} />,
            },
            {
              id: "outputs",
              label: "Outputs",
              content: (
                <Named
                  of={(stack.Outputs ?? []).map((one) => ({
                    name: one.OutputKey,
                    value: one.OutputValue,
                    about: [one.Description, one.ExportName && `exported as ${one.ExportName}`],
                  }))}
                  none="The template has no outputs."
                />
              ),
            },
            {
              id: "parameters",
              label: "Parameters",
              content: (
                <Named
                  of={(stack.Parameters ?? []).map((one) => ({
                    name: one.ParameterKey,
                    value: one.ParameterValue,
                    about: [one.ResolvedValue && `stands for ${one.ResolvedValue}`],
                  }))}
                  none="The template has no parameters."
                />
              ),
            },
            { id: "template", label: "Template", content: <TemplateText stack={name} /> },
            { id: "changes", label: "Change sets", content: <ChangeSetList stack={name} /> },
          ]}
        />
      )}
    </Page>
  );
}

function Actions({ name, live }: { name: string; live: Live<Stack | undefined> }) {
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const stack = live.data;
  const isProtected = stack?.EnableTerminationProtection ?? false;
  const protect = () =>
    cloudformation()
      .send(
        new UpdateTerminationProtectionCommand({
          StackName: name,
          EnableTerminationProtection: !isProtected,
        }),
      )
      .catch((error: unknown) => notify.error(`Protection of ${name}`, error))
      .finally(live.refresh);
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <Button iconName="refresh" ariaLabel="Look again" onClick={live.refresh} />
      <Button disabled={!stack} onClick={() => void protect()}>
        {isProtected ? "Allow deletion" : "Protect from deletion"}
      </Button>
      <Button disabled={!stack || isProtected} onClick={() => setDeleting(true)}>
        Delete
      </Button>
      <Button
        variant="primary"
        disabled={whyNotUpdated(stack?.StackStatus) !== undefined}
        disabledReason={whyNotUpdated(stack?.StackStatus) ?? ""}
        onClick={() => void navigate(`/cloudformation/change-stack?stack=${encodeURIComponent(name)}`)}
      >
        Update
      </Button>
      {deleting && (
        <DeleteModal
          words={{ one: "stack", many: "stacks" }}
          items={[name]}
          nameOf={(item) => item}
          remove={() => cloudformation().send(new DeleteStackCommand({ StackName: name }))}
          consequence="All that it made goes with it, but what its template says is to be retained."
          onClose={(deleted) => {
            setDeleting(false);
            if (deleted) void navigate("/cloudformation/stacks");
          }}
        />
      )}
    </SpaceBetween>
  );
}
