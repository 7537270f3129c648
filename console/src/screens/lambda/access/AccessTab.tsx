import { GetPolicyCommand, RemovePermissionCommand } from "@aws-sdk/client-lambda";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { to } from "../../../app/links";
import { isMissing } from "../../../aws/refusal";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { useLive } from "../../../live/useLive";
import { lambda } from "../client";
import { AddPermission } from "./AddPermission";
import { FunctionUrl } from "./FunctionUrl";
import { type Statement, statementsOf, triggerOf } from "./policy";

const idOf = (statement: Statement) => statement.sid;

const columns: Column<Statement>[] = [
  { id: "who", header: "Who", value: (one) => one.who, width: 240 },
  { id: "action", header: "May", value: (one) => one.action, width: 230 },
  {
    id: "source",
    header: "From",
    value: (one) => one.source,
    cell: ({ source }) => {
      const trigger = triggerOf(source);
      if (!trigger) return source ?? "anywhere";
      const { kind, name } = trigger;
      return (
        <GoTo to={kind === "api" ? to("apigateway", "apis", name) : to("s3", "buckets", name)}>
          {source?.split(":").slice(5).join(":")}
        </GoTo>
      );
    },
    width: 300,
  },
  { id: "conditions", header: "Where", value: (one) => one.conditions || undefined, width: 240 },
  { id: "sid", header: "Statement", value: idOf, hidden: true },
];

/** Who calls a function: its address, and what its own policy allows to services and other accounts. */
export function AccessTab({ name }: { name: string }) {
  const [adding, setAdding] = useState(false);
  const live = useLive(["lambda", `policy ${name}`], async () => {
    try {
      const { Policy = "" } = await lambda().send(new GetPolicyCommand({ FunctionName: name }));
      return statementsOf(Policy);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  });
  return (
    <SpaceBetween size="l">
      <FunctionUrl name={name} onChanged={live.refresh} />
      <ResourceList
        id="lambda.permissions"
        words={{ one: "permission", many: "permissions" }}
        variant="container"
        live={live}
        idOf={idOf}
        columns={columns}
        description="The function's own policy. Identities of this account need none of these, but a policy of theirs."
        remove={(one) =>
          lambda().send(new RemovePermissionCommand({ FunctionName: name, StatementId: idOf(one) }))
        }
        removal={{ verb: "Remove", consequence: "Who calls it by this is refused at once." }}
        create={<Button onClick={() => setAdding(true)}>Add permission</Button>}
        empty={{ hint: "No service and no other account may call it." }}
      />
      {adding && (
        <AddPermission
          name={name}
          onClose={(done) => {
            setAdding(false);
            if (done) live.refresh();
          }}
        />
      )}
    </SpaceBetween>
  );
}
