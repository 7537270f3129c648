import { IAMClient, paginateListRoles } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { aws } from "../../../aws/client";
import { collect } from "../../../aws/collect";
import { document } from "../../../aws/documents";
import { Ago } from "../../../blocks/Ago";
import { Page } from "../../../blocks/Page";
import { Refused } from "../../../blocks/Refused";
import { useLive } from "../../../live/useLive";
import type { Called } from "./called";

/** What a role really called, and which of its permissions it could do without. */
export default function PermissionsPage() {
  const [role, setRole] = useState<string>();
  const roles = useLive(["sagehen", "roles"], () =>
    collect(paginateListRoles({ client: aws(IAMClient) }, {}), (page) =>
      page.Roles?.map(({ RoleName }) => RoleName ?? ""),
    ),
  );
  const live = useLive(
    ["sagehen", "called", role],
    (signal) => document<Called>("called", signal, { role: role ?? "" }),
    { enabled: role !== undefined },
  );
  const options = (roles.data ?? []).map((value) => ({ value }));
  const called = live.data;
  return (
    <Page
      crumbs={[{ text: "Permissions in use" }]}
      title="Permissions in use"
      description="What a role was let do since the platform began, beside what its policies allow."
      refusal={roles.data ? undefined : roles.refusal}
    >
      <Container>
        <Select
          ariaLabel="Role"
          placeholder="Choose a role"
          options={options}
          filteringType="auto"
          selectedOption={options.find(({ value }) => value === role) ?? null}
          statusType={roles.loading ? "loading" : "finished"}
          onChange={({ detail }) => setRole(detail.selectedOption.value)}
        />
      </Container>
      <Refused of={called ? undefined : live.refusal} />
      {called && (
        <>
          <Table
            header={
              <Header
                variant="h2"
                description="What was never used can be taken away, if all that the role is for has run once."
              >
                Allowed
              </Header>
            }
            ariaLabels={{ tableLabel: "Allowed" }}
            items={called.allowed}
            wrapLines
            empty="No policy of its own allows it anything."
            columnDefinitions={[
              { id: "action", header: "Action", cell: (one) => one.action, isRowHeader: true },
              { id: "policy", header: "Policy", cell: (one) => one.policy },
              { id: "statement", header: "Statement", cell: (one) => one.statement + 1 },
              {
                id: "times",
                header: "Used",
                cell: (one) =>
                  one.times > 0 ? (
                    `${one.times} times`
                  ) : (
                    <StatusIndicator type="warning">never</StatusIndicator>
                  ),
              },
            ]}
          />
          <Table
            header={
              <Header
                variant="h2"
                description={
                  <>
                    Since <Ago at={new Date(called.since)} />
                  </>
                }
              >
                Called
              </Header>
            }
            ariaLabels={{ tableLabel: "Called" }}
            items={called.called}
            empty={<Box color="text-body-secondary">Nothing yet.</Box>}
            columnDefinitions={[
              { id: "action", header: "Action", cell: (one) => one.action, isRowHeader: true },
              { id: "times", header: "Times", cell: (one) => one.times },
              { id: "last", header: "Last", cell: (one) => <Ago at={new Date(one.last)} /> },
            ]}
          />
        </>
      )}
    </Page>
  );
}
