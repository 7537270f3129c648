import { DeleteModelCommand, type ModelSummary, paginateListModels } from "@aws-sdk/client-sagemaker";
import Box from "@cloudscape-design/components/box";
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

const nameOf = (model: ModelSummary) => model.ModelName ?? "";

const columns: Column<ModelSummary>[] = [
  {
    id: "name",
    header: "Name",
    value: nameOf,
    cell: (model) => <GoTo to={to("sagemaker", "models", nameOf(model))}>{nameOf(model)}</GoTo>,
    width: 400,
  },
  {
    id: "created",
    header: "Created",
    value: (model) => model.CreationTime,
    cell: (model) => <Ago at={model.CreationTime} />,
  },
  { id: "arn", header: "ARN", value: (model) => model.ModelArn, hidden: true, width: 420 },
];

/** All models. */
export default function ModelList() {
  useCrumbs([{ text: "SageMaker", to: "/sagemaker" }, { text: "Models" }]);
  const navigate = useNavigate();
  const live = useLive(["sagemaker", "models"], () =>
    collect(paginateListModels({ client: sagemaker() }, { MaxResults: 100 }), (page) => page.Models),
  );
  return (
    <ResourceList
      id="sagemaker.models"
      words={{ one: "model", many: "models" }}
      live={live}
      idOf={nameOf}
      columns={columns}
      sortedBy={{ column: "created", descending: true }}
      actions={[
        {
          id: "deploy",
          text: "Deploy",
          single: true,
          run: ([model]) => navigate(`${to("sagemaker", "models", model ? nameOf(model) : "")}?deploy`),
        },
      ]}
      remove={(model) => sagemaker().send(new DeleteModelCommand({ ModelName: nameOf(model) }))}
      removal={{ consequence: "Endpoints that serve it go on. Its artifacts in S3 stay." }}
      create={
        <Button variant="primary" onClick={() => void navigate("/sagemaker/create-model")}>
          Create
        </Button>
      }
      empty={{
        hint: (
          <>
            A model is a container and the artifacts of a training job:{" "}
            <Box variant="code">estimator.deploy(…)</Box> makes one, or{" "}
            <Box variant="code">aws sagemaker create-model</Box>.
          </>
        ),
      }}
    />
  );
}
