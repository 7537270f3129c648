import {
  DeleteEndpointCommand,
  type EndpointSummary,
  paginateListEndpoints,
} from "@aws-sdk/client-sagemaker";
import Box from "@cloudscape-design/components/box";
import { to } from "../../../app/links";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { useCrumbs } from "../../../blocks/Page";
import { Status } from "../../../blocks/Status";
import { useLive } from "../../../live/useLive";
import { sagemaker } from "../client";
import { changes } from "./states";

const nameOf = (endpoint: EndpointSummary) => endpoint.EndpointName ?? "";

const columns: Column<EndpointSummary>[] = [
  {
    id: "name",
    header: "Name",
    value: nameOf,
    cell: (endpoint) => <GoTo to={to("sagemaker", "endpoints", nameOf(endpoint))}>{nameOf(endpoint)}</GoTo>,
    width: 340,
  },
  {
    id: "status",
    header: "Status",
    value: (endpoint) => endpoint.EndpointStatus,
    cell: (endpoint) => <Status of={endpoint.EndpointStatus} />,
  },
  {
    id: "created",
    header: "Created",
    value: (endpoint) => endpoint.CreationTime,
    cell: (endpoint) => <Ago at={endpoint.CreationTime} />,
  },
  {
    id: "modified",
    header: "Last changed",
    value: (endpoint) => endpoint.LastModifiedTime,
    cell: (endpoint) => <Ago at={endpoint.LastModifiedTime} />,
  },
  { id: "arn", header: "ARN", value: (endpoint) => endpoint.EndpointArn, hidden: true, width: 420 },
];

/** All endpoints. */
export default function EndpointList() {
  useCrumbs([{ text: "SageMaker", to: "/sagemaker" }, { text: "Endpoints" }]);
  const live = useLive(
    ["sagemaker", "endpoints"],
    () =>
      collect(paginateListEndpoints({ client: sagemaker() }, { MaxResults: 100 }), (page) => page.Endpoints),
    { changing: (endpoints) => endpoints.some((endpoint) => changes(endpoint.EndpointStatus)) },
  );
  return (
    <ResourceList
      id="sagemaker.endpoints"
      words={{ one: "endpoint", many: "endpoints" }}
      live={live}
      idOf={nameOf}
      columns={columns}
      sortedBy={{ column: "created", descending: true }}
      remove={(endpoint) => sagemaker().send(new DeleteEndpointCommand({ EndpointName: nameOf(endpoint) }))}
      removal={{
        consequence: "Its instances stop and its callers are refused. Its configuration and its models stay.",
      }}
      empty={{
        hint: (
          <>
            Deploy a model: open one and press Deploy, or use the SageMaker SDK's{" "}
            <Box variant="code">estimator.deploy(…)</Box>.
          </>
        ),
      }}
    />
  );
}
