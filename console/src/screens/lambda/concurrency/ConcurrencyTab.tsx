import {
  DeleteFunctionConcurrencyCommand,
  DeleteProvisionedConcurrencyConfigCommand,
  GetAccountSettingsCommand,
  GetFunctionConcurrencyCommand,
  ListProvisionedConcurrencyConfigsCommand,
  type ProvisionedConcurrencyConfigListItem,
  PutFunctionConcurrencyCommand,
} from "@aws-sdk/client-lambda";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo, useState } from "react";
import { notify } from "../../../app/notices";
import { KeyValues } from "../../../blocks/KeyValues";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { CreateModal } from "../../../blocks/modals/CreateModal";
import { Refused } from "../../../blocks/Refused";
import { Status } from "../../../blocks/Status";
import { type Live, useLive } from "../../../live/useLive";
import { lambda } from "../client";
import { Now } from "./Now";
import { ProvisionModal } from "./ProvisionModal";

async function read(FunctionName: string) {
  const [own, account, provisioned] = await Promise.all([
    lambda().send(new GetFunctionConcurrencyCommand({ FunctionName })),
    lambda().send(new GetAccountSettingsCommand({})),
    lambda().send(new ListProvisionedConcurrencyConfigsCommand({ FunctionName })),
  ]);
  return {
    reserved: own.ReservedConcurrentExecutions,
    limit: account.AccountLimit?.ConcurrentExecutions,
    unreserved: account.AccountLimit?.UnreservedConcurrentExecutions,
    provisioned: provisioned.ProvisionedConcurrencyConfigs ?? [],
  };
}

/** How many of a function run now, how many may, and how many are kept warm. */
export function ConcurrencyTab({ name }: { name: string }) {
  const [reserving, setReserving] = useState(false);
  const [provisioning, setProvisioning] = useState<Kept | "new">();
  const live = useLive(["lambda", `concurrency ${name}`], () => read(name), {
    changing: ({ provisioned }) => provisioned.some(({ Status: status }) => status === "IN_PROGRESS"),
  });
  const free = () =>
    lambda()
      .send(new DeleteFunctionConcurrencyCommand({ FunctionName: name }))
      .catch((error: unknown) => notify.error("Give the reservation back", error))
      .finally(live.refresh);
  const { reserved, limit, unreserved } = live.data ?? {};
  return (
    <SpaceBetween size="l">
      <Refused of={live.data ? undefined : live.refusal} />
      <Container
        header={
          <Header
            variant="h2"
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button disabled={reserved === undefined} onClick={() => void free()}>
                  Use the account's
                </Button>
                <Button onClick={() => setReserving(true)}>Reserve</Button>
              </SpaceBetween>
            }
          >
            Concurrency
          </Header>
        }
      >
        <SpaceBetween size="m">
          <KeyValues
            columns={3}
            of={{
              "May run at once":
                reserved ?? (unreserved === undefined ? "–" : `${unreserved}, the account's unreserved`),
              Reserved: reserved ?? "none",
              "Account's limit": limit,
            }}
          />
          <Now name={name} limit={reserved ?? unreserved} />
        </SpaceBetween>
      </Container>
      <Provisioned name={name} live={{ ...live, data: live.data?.provisioned }} onOpen={setProvisioning} />
      {reserving && (
        <CreateModal
          title={`Reserve concurrency for ${name}`}
          label="Executions at once"
          number
          hint="0 stops all calls. Other functions share what is left of the account's limit."
          verb="Reserve"
          create={(text) =>
            lambda().send(
              new PutFunctionConcurrencyCommand({
                FunctionName: name,
                ReservedConcurrentExecutions: Number(text),
              }),
            )
          }
          onClose={() => {
            setReserving(false);
            live.refresh();
          }}
        />
      )}
      {provisioning && (
        <ProvisionModal
          name={name}
          kept={
            provisioning === "new"
              ? undefined
              : {
                  qualifier: qualifierOf(provisioning),
                  count: String(provisioning.RequestedProvisionedConcurrentExecutions ?? 1),
                }
          }
          onClose={() => {
            setProvisioning(undefined);
            live.refresh();
          }}
        />
      )}
    </SpaceBetween>
  );
}

type Kept = ProvisionedConcurrencyConfigListItem;

const qualifierOf = (kept: Kept) => kept.FunctionArn?.split(":").at(-1) ?? "";

interface ProvisionedProps {
  name: string;
  live: Live<Kept[]>;
  onOpen: (what: Kept | "new") => void;
}

function Provisioned({ name, live, onOpen }: ProvisionedProps) {
  const columns = useMemo<Column<Kept>[]>(
    () => [
      { id: "qualifier", header: "Version or alias", value: qualifierOf },
      {
        id: "status",
        header: "Status",
        value: (kept) => kept.Status,
        cell: (kept) => <Status of={kept.Status} />,
      },
      {
        id: "requested",
        header: "Requested",
        value: (kept) => kept.RequestedProvisionedConcurrentExecutions,
      },
      { id: "available", header: "Warm now", value: (kept) => kept.AvailableProvisionedConcurrentExecutions },
      { id: "reason", header: "Reason", value: (kept) => kept.StatusReason, hidden: true },
    ],
    [],
  );
  return (
    <ResourceList
      id="lambda.provisioned"
      words={{ one: "provisioned concurrency", many: "provisioned concurrency" }}
      variant="container"
      live={live}
      idOf={qualifierOf}
      columns={columns}
      remove={(kept) =>
        lambda().send(
          new DeleteProvisionedConcurrencyConfigCommand({ FunctionName: name, Qualifier: qualifierOf(kept) }),
        )
      }
      removal={{ consequence: "Its calls begin with a cold start again." }}
      description={
        <GoTo to="/sagehen/scaling">Let an alias or a version follow its load, or a schedule</GoTo>
      }
      actions={[{ id: "edit", text: "Change the number", single: true, run: ([one]) => one && onOpen(one) }]}
      create={<Button onClick={() => onOpen("new")}>Keep warm</Button>}
      empty={{ hint: "Keep environments of a version or an alias warm: their calls have no cold start." }}
    />
  );
}
