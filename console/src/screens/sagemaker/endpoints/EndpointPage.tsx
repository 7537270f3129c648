import { DeleteEndpointCommand, DescribeEndpointCommand } from "@aws-sdk/client-sagemaker";
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { LiveMark } from "../../../blocks/LiveMark";
import { StreamLog } from "../../../blocks/log/StreamLog";
import { useStreams } from "../../../blocks/log/useStreams";
import { DeleteModal } from "../../../blocks/modals/DeleteModal";
import { Page } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { sagemaker } from "../client";
import { LineageButton } from "../lineage/LineageButton";
import { Components } from "./components/Components";
import { namesOf } from "./components/needs";
import { useComponents } from "./components/useComponents";
import { EndpointSummary } from "./EndpointSummary";
import { Load } from "./Load";
import { LaterLoad } from "./requests/LaterLoad";
import { Requests } from "./requests/Requests";
import { RolloutPicture } from "./rollout/RolloutPicture";
import { UpdateModal } from "./rollout/UpdateModal";
import { ScalingTab } from "./scaling/ScalingTab";
import { changes, hostsComponents } from "./states";
import { TryIt } from "./TryIt";
import { Variants } from "./Variants";

const WENT_WRONG: Record<string, string> = {
  InService: "The last update did not succeed: what was there before goes on",
  RollingBack: "The update is taken back",
};

/** One endpoint: what stands behind it, what it is asked, and a place to ask it. */
export default function EndpointPage() {
  const { name = "" } = useParams();
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const [updating, setUpdating] = useState(false);
  const live = useLive(
    ["sagemaker", "endpoints", name],
    () => sagemaker().send(new DescribeEndpointCommand({ EndpointName: name })),
    { changing: (endpoint) => changes(endpoint.EndpointStatus) },
  );
  const endpoint = live.data;
  const variants = (endpoint?.ProductionVariants ?? []).map(({ VariantName = "" }) => VariantName);
  const hosts = hostsComponents(endpoint);
  const components = useComponents(name, hosts);
  const hosted = hosts ? namesOf(components.data ?? []) : undefined;
  return (
    <Page
      crumbs={[
        { text: "SageMaker", to: "/sagemaker" },
        { text: "Endpoints", to: "/sagemaker/endpoints" },
        { text: name },
      ]}
      title={name}
      description={<LiveMark of={live} />}
      refusal={endpoint ? undefined : live.refusal}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button iconName="refresh" ariaLabel="Look again" onClick={live.refresh} />
          <LineageButton of={endpoint?.EndpointArn} />
          <Button disabled={!endpoint} onClick={() => setDeleting(true)}>
            Delete
          </Button>
          <Button
            disabled={endpoint?.EndpointStatus !== "InService"}
            disabledReason="It is not in service."
            onClick={() => setUpdating(true)}
          >
            Update
          </Button>
        </SpaceBetween>
      }
    >
      {endpoint?.FailureReason && (
        <Alert
          type={endpoint.EndpointStatus === "InService" ? "warning" : "error"}
          header={WENT_WRONG[endpoint.EndpointStatus ?? ""] ?? "It failed"}
        >
          <pre className="text">{endpoint.FailureReason}</pre>
        </Alert>
      )}
      {endpoint && <EndpointSummary endpoint={endpoint} />}
      {endpoint && <Requests endpoint={endpoint} />}
      {endpoint && <RolloutPicture endpoint={endpoint} />}
      {endpoint && <Variants endpoint={endpoint} onChange={live.refresh} />}
      {hosts && <Components live={components} />}
      {endpoint && (
        <Tabs
          ariaLabel="About the endpoint"
          tabs={[
            ...(endpoint.AsyncInferenceConfig
              ? [{ id: "load", label: "Queue and load", content: <LaterLoad endpoint={endpoint} /> }]
              : [
                  {
                    id: "try",
                    label: "Try it",
                    content: <TryIt endpoint={endpoint} components={hosted} />,
                  },
                  {
                    id: "load",
                    label: "Load and latency",
                    content: <Load endpoint={endpoint} components={hosted} />,
                  },
                ]),
            ...(hosted
              ? [] // copies are scaled, and instances follow them
              : [
                  {
                    id: "scaling",
                    label: "Scaling",
                    content: <ScalingTab endpoint={name} variants={variants} />,
                  },
                ]),
            { id: "log", label: "Log", content: <EndpointLog name={name} components={hosted ?? []} /> },
          ]}
        />
      )}
      {updating && (
        <UpdateModal
          endpoint={name}
          now={endpoint?.EndpointConfigName}
          onClose={() => {
            setUpdating(false);
            live.refresh();
          }}
        />
      )}
      {deleting && (
        <DeleteModal
          words={{ one: "endpoint", many: "endpoints" }}
          items={[name]}
          nameOf={(item) => item}
          remove={() => sagemaker().send(new DeleteEndpointCommand({ EndpointName: name }))}
          consequence="Its instances stop and its callers are refused. Its configuration and its models stay."
          onClose={(deleted) => {
            setDeleting(false);
            if (deleted) void navigate("/sagemaker/endpoints");
          }}
        />
      )}
    </Page>
  );
}

function EndpointLog({ name, components }: { name: string; components: string[] }) {
  const groups = components.map((one) => `/aws/sagemaker/InferenceComponents/${one}`);
  const [group = `/aws/sagemaker/Endpoints/${name}`] = groups;
  const [chosen, setChosen] = useState<string>();
  const shown = chosen && groups.includes(chosen) ? chosen : group;
  const streams = useStreams(shown, "");
  return (
    <SpaceBetween size="s">
      {groups.length > 1 && (
        <Select
          ariaLabel="Whose log"
          selectedOption={{ value: shown, label: shown.split("/").at(-1) ?? shown }}
          options={groups.map((value) => ({ value, label: value.split("/").at(-1) ?? value }))}
          onChange={({ detail }) => setChosen(detail.selectedOption.value)}
        />
      )}
      <StreamLog
        group={shown}
        streams={streams.data ?? []}
        labelOf={(stream) => stream}
        empty="Its instances have said nothing yet."
      />
    </SpaceBetween>
  );
}
