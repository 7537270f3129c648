import {
  CloudWatchLogsClient,
  DeleteQueryDefinitionCommand,
  DescribeQueryDefinitionsCommand,
  PutQueryDefinitionCommand,
  type QueryDefinition,
} from "@aws-sdk/client-cloudwatch-logs";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { aws } from "../../../../aws/client";
import type { Column } from "../../../../blocks/list/columns";
import { ResourceList } from "../../../../blocks/list/ResourceList";
import { CreateModal } from "../../../../blocks/modals/CreateModal";
import { useLive } from "../../../../live/useLive";

const logs = () => aws(CloudWatchLogsClient);
const idOf = (one: QueryDefinition) => one.queryDefinitionId ?? "";
const nameOf = (one: QueryDefinition) => one.name ?? "";

interface Props {
  groups: string[];
  query: string;
  onTake: (one: QueryDefinition) => void;
}

/** Queries that are kept by their names. */
export function Saved({ groups, query, onTake }: Props) {
  const [saving, setSaving] = useState(false);
  const live = useLive(["logs", "query definitions"], async () => {
    const { queryDefinitions } = await logs().send(new DescribeQueryDefinitionsCommand({ maxResults: 1000 }));
    return queryDefinitions ?? [];
  });
  const columns: Column<QueryDefinition>[] = [
    {
      id: "name",
      header: "Name",
      value: nameOf,
      cell: (one) => (
        <Button variant="inline-link" onClick={() => onTake(one)} ariaLabel={`Take ${nameOf(one)}`}>
          {nameOf(one)}
        </Button>
      ),
      width: 240,
    },
    { id: "query", header: "Query", value: (one) => one.queryString, width: 460 },
    { id: "groups", header: "Log groups", value: (one) => one.logGroupNames?.join(", "), width: 260 },
  ];
  return (
    <>
      <ResourceList
        id="cloudwatch.savedQueries"
        words={{ one: "saved query", many: "saved queries" }}
        variant="container"
        live={live}
        idOf={idOf}
        nameOf={nameOf}
        columns={columns}
        sortedBy={{ column: "name" }}
        remove={({ queryDefinitionId }) =>
          logs().send(new DeleteQueryDefinitionCommand({ queryDefinitionId }))
        }
        create={
          <Button disabled={query.trim() === ""} onClick={() => setSaving(true)}>
            Save this query
          </Button>
        }
        empty={{ hint: "Save the query above by a name: it is here for everybody of the account." }}
      />
      {saving && (
        <CreateModal
          title="Save the query"
          label="Name"
          hint="A name with slashes is in folders at AWS: errors/last-hour."
          verb="Save"
          create={(name) =>
            logs().send(
              new PutQueryDefinitionCommand({
                name,
                queryString: query,
                ...(groups.length > 0 ? { logGroupNames: groups } : {}),
              }),
            )
          }
          onClose={(name) => {
            setSaving(false);
            if (name) live.refresh();
          }}
        />
      )}
    </>
  );
}
