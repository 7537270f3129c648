import {
  DeleteEndpointConfigCommand,
  type EndpointConfigSummary,
  paginateListEndpointConfigs,
} from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import { useNavigate } from "react-router";
import { to } from "../../../app/links";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { useCrumbs } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { sagemaker } from "../client";

const nameOf = (configuration: EndpointConfigSummary) => configuration.EndpointConfigName ?? "";

const columns: Column<EndpointConfigSummary>[] = [
  {
    id: "name",
    header: "Name",
    value: nameOf,
    cell: (one) => <GoTo to={to("sagemaker", "endpoint-configurations", nameOf(one))}>{nameOf(one)}</GoTo>,
    width: 400,
  },
  {
    id: "created",
    header: "Created",
    value: (one) => one.CreationTime,
    cell: (one) => <Ago at={one.CreationTime} />,
  },
  { id: "arn", header: "ARN", value: (one) => one.EndpointConfigArn, hidden: true, width: 420 },
];

/** All endpoint configurations. */
export default function ConfigurationList() {
  useCrumbs([{ text: "SageMaker", to: "/sagemaker" }, { text: "Endpoint configurations" }]);
  const navigate = useNavigate();
  const live = useLive(["sagemaker", "endpointConfigurations"], () =>
    collect(
      paginateListEndpointConfigs({ client: sagemaker() }, { MaxResults: 100 }),
      (page) => page.EndpointConfigs,
    ),
  );
  return (
    <ResourceList
      id="sagemaker.endpointConfigurations"
      words={{ one: "endpoint configuration", many: "endpoint configurations" }}
      live={live}
      idOf={nameOf}
      columns={columns}
      sortedBy={{ column: "created", descending: true }}
      remove={(one) => sagemaker().send(new DeleteEndpointConfigCommand({ EndpointConfigName: nameOf(one) }))}
      removal={{ consequence: "Endpoints that were made of it need it when they are updated." }}
      create={
        <Button variant="primary" onClick={() => void navigate("/sagemaker/create-endpoint-configuration")}>
          Create
        </Button>
      }
      empty={{
        hint: "A configuration says which models an endpoint serves, on what. Deploy a model to get one.",
      }}
    />
  );
}
