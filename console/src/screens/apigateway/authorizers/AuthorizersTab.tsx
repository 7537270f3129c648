import { type Authorizer, DeleteAuthorizerCommand, GetAuthorizersCommand } from "@aws-sdk/client-api-gateway";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { to } from "../../../app/links";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { useLive } from "../../../live/useLive";
import { gateway } from "../client";
import { functionIn } from "../methods/boxes";
import { CreateAuthorizer } from "./CreateAuthorizer";
import { TestAuthorizer } from "./TestAuthorizer";

const nameOf = (one: Authorizer) => one.name ?? "";

const columns: Column<Authorizer>[] = [
  { id: "name", header: "Name", value: nameOf, width: 220 },
  { id: "id", header: "ID", value: (one) => one.id, width: 110 },
  { id: "type", header: "Type", value: (one) => one.type, width: 120 },
  {
    id: "function",
    header: "Function",
    value: (one) => functionIn(one.authorizerUri) ?? one.authorizerUri,
    cell: (one) => {
      const name = functionIn(one.authorizerUri);
      return name ? (
        <GoTo to={to("lambda", "functions", name.split(":")[0] ?? name)}>{name}</GoTo>
      ) : (
        (one.authorizerUri ?? "–")
      );
    },
    width: 200,
  },
  { id: "source", header: "Looks at", value: (one) => one.identitySource, width: 300 },
  { id: "pattern", header: "Takes", value: (one) => one.identityValidationExpression, hidden: true },
  {
    id: "ttl",
    header: "Remembers for",
    value: (one) => one.authorizerResultTtlInSeconds ?? 300,
    cell: (one) => `${one.authorizerResultTtlInSeconds ?? 300} s`,
  },
];

/** An API's authorizers: functions that let callers in. */
export function AuthorizersTab({ api }: { api: string }) {
  const [open, setOpen] = useState<"create" | Authorizer>();
  const live = useLive(["apigateway", `authorizers ${api}`], async () => {
    const { items } = await gateway().send(new GetAuthorizersCommand({ restApiId: api, limit: 500 }));
    return items ?? [];
  });
  return (
    <>
      <ResourceList
        id="apigateway.authorizers"
        words={{ one: "authorizer", many: "authorizers" }}
        variant="container"
        live={live}
        idOf={nameOf}
        columns={columns}
        sortedBy={{ column: "name" }}
        actions={[{ id: "test", text: "Test", single: true, run: ([one]) => setOpen(one) }]}
        remove={(one) =>
          gateway().send(new DeleteAuthorizerCommand({ restApiId: api, authorizerId: one.id }))
        }
        removal={{ consequence: "A method that asks it must be given another authorization first." }}
        create={<Button onClick={() => setOpen("create")}>Create authorizer</Button>}
        empty={{ hint: "An authorizer is a function that is asked who may call a method." }}
      />
      {open === "create" && (
        <CreateAuthorizer
          api={api}
          onClose={(done) => {
            setOpen(undefined);
            if (done) live.refresh();
          }}
        />
      )}
      {open && open !== "create" && (
        <TestAuthorizer api={api} authorizer={open} onClose={() => setOpen(undefined)} />
      )}
    </>
  );
}
