import {
  type AliasConfiguration,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  type FunctionConfiguration,
  PublishVersionCommand,
  paginateListAliases,
  paginateListVersionsByFunction,
} from "@aws-sdk/client-lambda";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { notify } from "../../../app/notices";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { bytes } from "../../../blocks/formats/amounts";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { useLive } from "../../../live/useLive";
import { lambda } from "../client";
import { momentOf } from "../functions/moments";
import { AliasModal } from "./AliasModal";
import { trafficOf } from "./traffic";

const versionOf = (version: FunctionConfiguration) => version.Version ?? "";
const aliasOf = (alias: AliasConfiguration) => alias.Name ?? "";

const VERSIONS: Column<FunctionConfiguration>[] = [
  { id: "version", header: "Version", value: versionOf },
  { id: "description", header: "Description", value: (version) => version.Description },
  {
    id: "published",
    header: "Changed",
    value: (version) => momentOf(version.LastModified),
    cell: (version) => <Ago at={momentOf(version.LastModified)} />,
  },
  {
    id: "size",
    header: "Code",
    value: (version) => version.CodeSize,
    cell: (version) => bytes(version.CodeSize),
  },
];

const ALIASES: Column<AliasConfiguration>[] = [
  { id: "name", header: "Alias", value: aliasOf },
  { id: "traffic", header: "Traffic", value: trafficOf },
  { id: "description", header: "Description", value: (alias) => alias.Description },
];

/** A function's versions, and the aliases that point at them. */
export function VersionsTab({ name }: { name: string }) {
  const [editing, setEditing] = useState<AliasConfiguration | "new">();
  const versions = useLive(["lambda", `versions ${name}`], () =>
    collect(
      paginateListVersionsByFunction({ client: lambda() }, { FunctionName: name }),
      (page) => page.Versions,
    ),
  );
  const aliases = useLive(["lambda", `aliases ${name}`], () =>
    collect(paginateListAliases({ client: lambda() }, { FunctionName: name }), (page) => page.Aliases),
  );
  const publish = async () => {
    try {
      const { Version } = await lambda().send(new PublishVersionCommand({ FunctionName: name }));
      notify.success(`Version ${Version} is what the function is now.`);
    } catch (error) {
      notify.error(`Publish a version of ${name}`, error);
    }
    versions.refresh();
  };
  return (
    <SpaceBetween size="l">
      <ResourceList
        id="lambda.aliases"
        words={{ one: "alias", many: "aliases" }}
        variant="container"
        live={aliases}
        idOf={aliasOf}
        columns={ALIASES}
        actions={[{ id: "edit", text: "Edit", single: true, run: ([alias]) => setEditing(alias) }]}
        remove={(alias) =>
          lambda().send(new DeleteAliasCommand({ FunctionName: name, Name: aliasOf(alias) }))
        }
        create={<Button onClick={() => setEditing("new")}>Create alias</Button>}
        empty={{ hint: "An alias is a name that callers keep while you move it from version to version." }}
      />
      <ResourceList
        id="lambda.versions"
        words={{ one: "version", many: "versions" }}
        variant="container"
        live={versions}
        idOf={versionOf}
        columns={VERSIONS}
        sortedBy={{ column: "version", descending: true }}
        remove={(version) =>
          lambda().send(new DeleteFunctionCommand({ FunctionName: name, Qualifier: versionOf(version) }))
        }
        removal={{
          refuses: (version) => (version.Version === "$LATEST" ? "That is the function itself." : undefined),
        }}
        create={<Button onClick={() => void publish()}>Publish version</Button>}
        empty={{ hint: "Publish one." }}
      />
      {editing && (
        <AliasModal
          name={name}
          alias={editing === "new" ? undefined : editing}
          versions={(versions.data ?? []).map(versionOf)}
          onClose={() => {
            setEditing(undefined);
            aliases.refresh();
          }}
        />
      )}
    </SpaceBetween>
  );
}
