import {
  CreateModelPackageGroupCommand,
  DeleteModelPackageGroupCommand,
  type ModelPackageGroupSummary,
  paginateListModelPackageGroups,
} from "@aws-sdk/client-sagemaker";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { to } from "../../../app/links";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { TextField } from "../../../blocks/fields/TextField";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { FormModal } from "../../../blocks/modals/FormModal";
import { useCrumbs } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { sagemaker } from "../client";

const nameOf = (group: ModelPackageGroupSummary) => group.ModelPackageGroupName ?? "";

const columns: Column<ModelPackageGroupSummary>[] = [
  {
    id: "name",
    header: "Name",
    value: nameOf,
    cell: (group) => <GoTo to={to("sagemaker", "model-groups", nameOf(group))}>{nameOf(group)}</GoTo>,
    width: 320,
  },
  {
    id: "description",
    header: "Description",
    value: (group) => group.ModelPackageGroupDescription,
    width: 320,
  },
  {
    id: "created",
    header: "Created",
    value: (group) => group.CreationTime,
    cell: (group) => <Ago at={group.CreationTime} />,
  },
  { id: "arn", header: "ARN", value: (group) => group.ModelPackageGroupArn, hidden: true, width: 420 },
];

/** The model registry: all groups. */
export default function GroupList() {
  useCrumbs([{ text: "SageMaker", to: "/sagemaker" }, { text: "Model groups" }]);
  const [creating, setCreating] = useState(false);
  const live = useLive(["sagemaker", "modelGroups"], () =>
    collect(
      paginateListModelPackageGroups({ client: sagemaker() }, { MaxResults: 100 }),
      (page) => page.ModelPackageGroupSummaryList,
    ),
  );
  const create = (
    <Button variant="primary" onClick={() => setCreating(true)}>
      Create
    </Button>
  );
  return (
    <>
      <ResourceList
        id="sagemaker.modelGroups"
        words={{ one: "model group", many: "model groups" }}
        live={live}
        idOf={nameOf}
        columns={columns}
        sortedBy={{ column: "created", descending: true }}
        remove={(group) =>
          sagemaker().send(new DeleteModelPackageGroupCommand({ ModelPackageGroupName: nameOf(group) }))
        }
        removal={{ consequence: "Only an empty group can be deleted: its versions go first." }}
        create={create}
        empty={{
          hint: (
            <>
              A group holds the versions of one model, with what they are worth and whether they may be
              deployed: <Box variant="code">model.register(model_package_group_name=…)</Box> makes it, too.
            </>
          ),
        }}
      />
      {creating && (
        <CreateGroup
          onClose={() => {
            setCreating(false);
            live.refresh();
          }}
        />
      )}
    </>
  );
}

function CreateGroup({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  return (
    <FormModal
      title="Create a model group"
      verb="Create"
      ready={name !== ""}
      submit={() =>
        sagemaker().send(
          new CreateModelPackageGroupCommand({
            ModelPackageGroupName: name,
            ...(description ? { ModelPackageGroupDescription: description } : {}),
          }),
        )
      }
      onClose={onClose}
    >
      <TextField label="Name" value={name} onChange={setName} first />
      <TextField label="Description" value={description} onChange={setDescription} />
    </FormModal>
  );
}
