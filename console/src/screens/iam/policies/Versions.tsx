import {
  DeletePolicyVersionCommand,
  type PolicyVersion,
  paginateListPolicyVersions,
  SetDefaultPolicyVersionCommand,
} from "@aws-sdk/client-iam";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { useLive } from "../../../live/useLive";
import { iam } from "../client";

const idOf = (version: PolicyVersion) => version.VersionId ?? "";

const columns: Column<PolicyVersion>[] = [
  { id: "version", header: "Version", value: idOf },
  { id: "force", header: "In force", value: (version) => (version.IsDefaultVersion ? "yes" : "no") },
  {
    id: "created",
    header: "Created",
    value: (version) => version.CreateDate,
    cell: (version) => <Ago at={version.CreateDate} />,
  },
];

interface Props {
  arn: string;
  inForce: string | undefined;
  onChanged: () => void;
}

/** What a policy said before: AWS keeps five versions. */
export function Versions({ arn, inForce, onChanged }: Props) {
  const live = useLive(["iam", `versions ${arn}`, inForce], () =>
    collect(paginateListPolicyVersions({ client: iam() }, { PolicyArn: arn }), (page) => page.Versions),
  );
  const use = async (version: PolicyVersion | undefined) => {
    if (!version) return;
    await iam().send(new SetDefaultPolicyVersionCommand({ PolicyArn: arn, VersionId: idOf(version) }));
    onChanged();
  };
  return (
    <ResourceList
      id="iam.versions"
      words={{ one: "version", many: "versions" }}
      variant="container"
      live={live}
      idOf={idOf}
      columns={columns}
      sortedBy={{ column: "version", descending: true }}
      actions={[{ id: "use", text: "Put in force", single: true, run: ([version]) => use(version) }]}
      remove={(version) =>
        iam().send(new DeletePolicyVersionCommand({ PolicyArn: arn, VersionId: idOf(version) }))
      }
      removal={{ refuses: (version) => (version.IsDefaultVersion ? "It is in force." : undefined) }}
      empty={{ hint: "Saving makes one." }}
    />
  );
}
