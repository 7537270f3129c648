import {
  DeleteFunctionCommand,
  type FunctionConfiguration,
  paginateListFunctions,
} from "@aws-sdk/client-lambda";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { useNavigate } from "react-router";
import { to } from "../../../app/links";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { bytes } from "../../../blocks/formats/amounts";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { useCrumbs } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { lambda } from "../client";
import { CreateFunction } from "./CreateFunction";
import { momentOf } from "./moments";

type Lambda = FunctionConfiguration;

const nameOf = (one: Lambda) => one.FunctionName ?? "";

const columns: Column<Lambda>[] = [
  {
    id: "name",
    header: "Name",
    value: nameOf,
    cell: (one) => <GoTo to={to("lambda", "functions", nameOf(one))}>{nameOf(one)}</GoTo>,
    width: 240,
  },
  { id: "runtime", header: "Runtime", value: (one) => one.Runtime ?? one.PackageType },
  { id: "memory", header: "Memory (MB)", value: (one) => one.MemorySize },
  { id: "timeout", header: "Timeout (s)", value: (one) => one.Timeout },
  { id: "size", header: "Code", value: (one) => one.CodeSize, cell: (one) => bytes(one.CodeSize) },
  {
    id: "modified",
    header: "Last changed",
    value: (one) => momentOf(one.LastModified),
    cell: (one) => <Ago at={momentOf(one.LastModified)} />,
  },
  { id: "role", header: "Role", value: (one) => one.Role?.split("/").at(-1), hidden: true },
];

/** All functions. */
export default function FunctionList() {
  useCrumbs([{ text: "Lambda", to: "/lambda" }, { text: "Functions" }]);
  const navigate = useNavigate();
  const [creating, setCreating] = useState(false);
  const live = useLive(["lambda", "functions"], () =>
    collect(paginateListFunctions({ client: lambda() }, {}), (page) => page.Functions),
  );
  return (
    <>
      <ResourceList
        id="lambda.functions"
        words={{ one: "function", many: "functions" }}
        live={live}
        idOf={nameOf}
        columns={columns}
        sortedBy={{ column: "name" }}
        remove={(one) => lambda().send(new DeleteFunctionCommand({ FunctionName: nameOf(one) }))}
        removal={{ consequence: "All its versions and aliases go. Its log stays." }}
        create={
          <Button variant="primary" onClick={() => setCreating(true)}>
            Create function
          </Button>
        }
        empty={{ hint: "Create one: a few lines of Python that you can change and try right here." }}
      />
      {creating && (
        <CreateFunction
          onClose={(name) => {
            setCreating(false);
            if (name) void navigate(to("lambda", "functions", name));
          }}
        />
      )}
    </>
  );
}
