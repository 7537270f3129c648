import { DeleteRepositoryCommand, paginateDescribeRepositories, type Repository } from "@aws-sdk/client-ecr";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { useNavigate } from "react-router";
import { to } from "../../../app/links";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { Copyable } from "../../../blocks/Copyable";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { useCrumbs } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { ecr } from "../client";
import { CreateRepository } from "./CreateRepository";
import { mutabilityOf } from "./mutability";

const nameOf = (repository: Repository) => repository.repositoryName ?? "";

const columns: Column<Repository>[] = [
  {
    id: "name",
    header: "Name",
    value: nameOf,
    cell: (repository) => (
      <GoTo to={to("ecr", "repositories", nameOf(repository))}>{nameOf(repository)}</GoTo>
    ),
    width: 180,
  },
  {
    id: "uri",
    header: "URI",
    value: (repository) => repository.repositoryUri,
    cell: (repository) => <Copyable text={repository.repositoryUri} />,
    width: 440,
  },
  {
    id: "mutability",
    header: "Tags",
    value: (repository) => mutabilityOf(repository.imageTagMutability),
    width: 110,
  },
  {
    id: "created",
    header: "Created",
    value: (repository) => repository.createdAt,
    cell: (repository) => <Ago at={repository.createdAt} />,
    width: 110,
  },
  { id: "arn", header: "ARN", value: (repository) => repository.repositoryArn, hidden: true, width: 420 },
];

/** All repositories. */
export default function RepositoryList() {
  useCrumbs([{ text: "ECR", to: "/ecr" }, { text: "Repositories" }]);
  const navigate = useNavigate();
  const [creating, setCreating] = useState(false);
  const live = useLive(["ecr", "repositories"], () =>
    collect(
      paginateDescribeRepositories({ client: ecr() }, { maxResults: 100 }),
      (page) => page.repositories,
    ),
  );
  return (
    <>
      <ResourceList
        id="ecr.repositories"
        words={{ one: "repository", many: "repositories" }}
        live={live}
        idOf={nameOf}
        columns={columns}
        sortedBy={{ column: "name" }}
        remove={(repository) =>
          ecr().send(new DeleteRepositoryCommand({ repositoryName: nameOf(repository), force: true }))
        }
        removal={{ consequence: "All its images go with it. What runs on one goes on until it ends." }}
        create={
          <Button variant="primary" onClick={() => setCreating(true)}>
            Create repository
          </Button>
        }
        empty={{
          hint: (
            <>
              Make one for an image of your own, or by{" "}
              <Box variant="code">aws ecr create-repository --repository-name team/mine</Box>.
            </>
          ),
        }}
      />
      {creating && (
        <CreateRepository
          onClose={(name) => {
            setCreating(false);
            if (name) void navigate(to("ecr", "repositories", name));
          }}
        />
      )}
    </>
  );
}
