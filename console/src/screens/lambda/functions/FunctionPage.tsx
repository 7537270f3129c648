import { DeleteFunctionCommand, GetFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { LiveMark } from "../../../blocks/LiveMark";
import { DeleteModal } from "../../../blocks/modals/DeleteModal";
import { Page } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { AccessTab } from "../access/AccessTab";
import { AsyncTab } from "../asynchronous/AsyncTab";
import { lambda } from "../client";
import { CodeTab } from "../code/CodeTab";
import { ConcurrencyTab } from "../concurrency/ConcurrencyTab";
import { TestTab } from "../test/TestTab";
import { VersionsTab } from "../versions/VersionsTab";
import { ConfigurationTab } from "./ConfigurationTab";
import { FunctionLog } from "./FunctionLog";
import { Monitor } from "./Monitor";

/** One function: tried, read, changed, watched. */
export default function FunctionPage() {
  const { name = "" } = useParams();
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const live = useLive(
    ["lambda", "functions", name],
    () => lambda().send(new GetFunctionConfigurationCommand({ FunctionName: name })),
    { changing: (one) => one.State === "Pending" || one.LastUpdateStatus === "InProgress" },
  );
  const one = live.data;
  return (
    <Page
      crumbs={[
        { text: "Lambda", to: "/lambda" },
        { text: "Functions", to: "/lambda/functions" },
        { text: name },
      ]}
      title={name}
      description={one?.Description || <LiveMark of={live} />}
      refusal={one ? undefined : live.refusal}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button iconName="refresh" ariaLabel="Look again" onClick={live.refresh} />
          <Button disabled={!one} onClick={() => setDeleting(true)}>
            Delete
          </Button>
        </SpaceBetween>
      }
    >
      {(one?.StateReason || one?.LastUpdateStatusReason) && (
        <Alert type="warning">{one.StateReason ?? one.LastUpdateStatusReason}</Alert>
      )}
      {one && (
        <Tabs
          ariaLabel="About the function"
          tabs={[
            {
              id: "test",
              label: "Test",
              content: <TestTab key={name} name={name} onTested={live.refresh} />,
            },
            {
              id: "code",
              label: "Code",
              content: (
                <CodeTab
                  key={name}
                  name={name}
                  handler={one.Handler}
                  sha256={one.CodeSha256}
                  onSaved={live.refresh}
                />
              ),
            },
            {
              id: "log",
              label: "Log",
              content: <FunctionLog group={one.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`} />,
            },
            { id: "monitor", label: "Monitor", content: <Monitor name={name} /> },
            {
              id: "configuration",
              label: "Configuration",
              content: <ConfigurationTab one={one} onSaved={live.refresh} />,
            },
            {
              id: "access",
              label: "Triggers",
              content: <AccessTab key={name} name={name} />,
            },
            { id: "asynchronous", label: "Asynchronous", content: <AsyncTab key={name} name={name} /> },
            { id: "concurrency", label: "Concurrency", content: <ConcurrencyTab name={name} /> },
            { id: "versions", label: "Versions and aliases", content: <VersionsTab name={name} /> },
          ]}
        />
      )}
      {deleting && (
        <DeleteModal
          words={{ one: "function", many: "functions" }}
          items={[name]}
          nameOf={(item) => item}
          remove={() => lambda().send(new DeleteFunctionCommand({ FunctionName: name }))}
          consequence="All its versions and aliases go. Its log stays."
          onClose={(deleted) => {
            setDeleting(false);
            if (deleted) void navigate("/lambda/functions");
          }}
        />
      )}
    </Page>
  );
}
