import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { to } from "../../../app/links";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { Refused } from "../../../blocks/Refused";
import { useLive } from "../../../live/useLive";
import { DocumentBox } from "../documents/DocumentBox";
import { readable } from "../documents/document";
import { AttachModal } from "./AttachModal";
import { InlineModal } from "./InlineModal";
import { documentOf, type Permission, type Principal, permissionsOf, take, writeInline } from "./principal";

const nameOf = (one: Permission) => one.name;
// A policy that is inline may be called as one that is attached.
const idOf = (one: Permission) => one.arn ?? `inline ${one.name}`;

const kindOf = ({ arn }: Permission) => {
  if (!arn) return "inline";
  return arn.includes(":iam::aws:") ? "AWS managed" : "customer managed";
};

const columns: Column<Permission>[] = [
  {
    id: "name",
    header: "Policy",
    value: nameOf,
    cell: (one) =>
      one.arn ? <GoTo to={to("iam", "policies", one.arn)}>{one.name}</GoTo> : <span>{one.name}</span>,
    width: 380,
  },
  { id: "kind", header: "Type", value: kindOf },
];

/** What a role or a user may do: the policies that it has. */
export function Permissions({ of }: { of: Principal }) {
  const [adding, setAdding] = useState<"attach" | "inline">();
  const key = `permissions ${of.kind} ${of.name}`;
  const live = useLive(["iam", key], () => permissionsOf(of));
  const close = () => {
    setAdding(undefined);
    live.refresh();
  };
  const inline = (live.data ?? []).filter((one) => !one.arn);
  return (
    <SpaceBetween size="l">
      <ResourceList
        id="iam.permissions"
        words={{ one: "policy", many: "policies" }}
        variant="container"
        live={live}
        idOf={idOf}
        nameOf={nameOf}
        columns={columns}
        remove={(one) => take(of, one)}
        removal={{
          verb: "Remove",
          consequence: "What is attached is detached and stays; what is inline goes.",
        }}
        create={
          <SpaceBetween direction="horizontal" size="xs">
            <Button onClick={() => setAdding("inline")}>Write one</Button>
            <Button onClick={() => setAdding("attach")}>Attach policies</Button>
          </SpaceBetween>
        }
        empty={{ hint: `Without a policy this ${of.kind} may do nothing. Attach one, or write one.` }}
      />
      {inline.map((one) => (
        <Inline key={one.name} of={of} permission={one} />
      ))}
      {adding === "attach" && <AttachModal of={of} attached={live.data ?? []} onClose={close} />}
      {adding === "inline" && <InlineModal of={of} taken={inline.map(nameOf)} onClose={close} />}
    </SpaceBetween>
  );
}

function Inline({ of, permission }: { of: Principal; permission: Permission }) {
  const live = useLive(["iam", `inline ${of.kind} ${of.name} ${permission.name}`], () =>
    documentOf(of, permission),
  );
  if (live.data === undefined) return <Refused of={live.refusal} />;
  return (
    <DocumentBox
      title={permission.name}
      description="Inline"
      kind="identity"
      text={readable(encodeURIComponent(live.data))}
      save={async (text) => {
        await writeInline(of, permission.name, text);
        live.refresh();
      }}
    />
  );
}
