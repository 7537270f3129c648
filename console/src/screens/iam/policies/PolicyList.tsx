import { type Policy, paginateListPolicies } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { useNavigate } from "react-router";
import { to } from "../../../app/links";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { useCrumbs } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { iam } from "../client";
import { CreatePolicy } from "./CreatePolicy";
import { removePolicy } from "./remove";

const nameOf = (policy: Policy) => policy.PolicyName ?? "";

const columns: Column<Policy>[] = [
  {
    id: "name",
    header: "Name",
    value: nameOf,
    cell: (policy) => <GoTo to={to("iam", "policies", policy.Arn ?? "")}>{nameOf(policy)}</GoTo>,
    width: 340,
  },
  { id: "uses", header: "Attached to", value: (policy) => policy.AttachmentCount },
  { id: "version", header: "Version", value: (policy) => policy.DefaultVersionId },
  {
    id: "updated",
    header: "Changed",
    value: (policy) => policy.UpdateDate,
    cell: (policy) => <Ago at={policy.UpdateDate} />,
  },
  { id: "arn", header: "ARN", value: (policy) => policy.Arn, hidden: true },
];

/** The account's own policies; AWS's are where they are attached. */
export default function PolicyList() {
  useCrumbs([{ text: "IAM", to: "/iam" }, { text: "Policies" }]);
  const navigate = useNavigate();
  const [creating, setCreating] = useState(false);
  const live = useLive(["iam", "policies"], () =>
    collect(paginateListPolicies({ client: iam() }, { Scope: "Local" }), (page) => page.Policies),
  );
  return (
    <>
      <ResourceList
        id="iam.policies"
        words={{ one: "policy", many: "policies" }}
        live={live}
        idOf={nameOf}
        columns={columns}
        sortedBy={{ column: "name" }}
        remove={(policy) => removePolicy(policy.Arn ?? "")}
        removal={{
          refuses: (policy) =>
            policy.AttachmentCount ? "It is attached: detach it from whom it is attached to." : undefined,
        }}
        create={
          <Button variant="primary" onClick={() => setCreating(true)}>
            Create policy
          </Button>
        }
        empty={{ hint: "A policy of yours can be attached to many roles, and changed in one place." }}
      />
      {creating && (
        <CreatePolicy
          onClose={(arn) => {
            setCreating(false);
            if (arn) void navigate(to("iam", "policies", arn));
          }}
        />
      )}
    </>
  );
}
