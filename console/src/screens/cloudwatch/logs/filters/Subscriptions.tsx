import {
  CloudWatchLogsClient,
  DeleteSubscriptionFilterCommand,
  PutSubscriptionFilterCommand,
  paginateDescribeSubscriptionFilters,
  type SubscriptionFilter,
} from "@aws-sdk/client-cloudwatch-logs";
import { LambdaClient, paginateListFunctions } from "@aws-sdk/client-lambda";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { to } from "../../../../app/links";
import { aws } from "../../../../aws/client";
import { collect } from "../../../../aws/collect";
import { Choice } from "../../../../blocks/fields/Choice";
import { TextField } from "../../../../blocks/fields/TextField";
import { GoTo } from "../../../../blocks/links/GoTo";
import type { Column } from "../../../../blocks/list/columns";
import { ResourceList } from "../../../../blocks/list/ResourceList";
import { FormModal } from "../../../../blocks/modals/FormModal";
import { Refused } from "../../../../blocks/Refused";
import { useLive } from "../../../../live/useLive";
import { PatternField } from "../PatternField";

const logs = () => aws(CloudWatchLogsClient);
const nameOf = (filter: SubscriptionFilter) => filter.filterName ?? "";
const functionOf = ({ destinationArn = "" }: SubscriptionFilter) => destinationArn.split(":")[6] ?? "";

const columns: Column<SubscriptionFilter>[] = [
  { id: "name", header: "Subscription", value: nameOf, width: 220 },
  { id: "pattern", header: "Pattern", value: (filter) => filter.filterPattern || "all lines", width: 300 },
  {
    id: "function",
    header: "Function",
    value: functionOf,
    cell: (filter) => <GoTo to={to("lambda", "functions", functionOf(filter))}>{functionOf(filter)}</GoTo>,
    width: 240,
  },
];

/** Which lines of a group go to which function as they come. */
export function Subscriptions({ group }: { group: string }) {
  const [creating, setCreating] = useState(false);
  const live = useLive(["logs", `subscriptions ${group}`], () =>
    collect(
      paginateDescribeSubscriptionFilters({ client: logs() }, { logGroupName: group }),
      (page) => page.subscriptionFilters,
    ),
  );
  return (
    <>
      <ResourceList
        id="cloudwatch.subscriptions"
        words={{ one: "subscription", many: "subscriptions" }}
        variant="container"
        live={live}
        idOf={nameOf}
        columns={columns}
        remove={(filter) =>
          logs().send(
            new DeleteSubscriptionFilterCommand({ logGroupName: group, filterName: nameOf(filter) }),
          )
        }
        create={<Button onClick={() => setCreating(true)}>Subscribe a function</Button>}
        empty={{
          hint: "A function gets lines as they come, packed by gzip. Its own policy must let logs.amazonaws.com call it.",
        }}
      />
      {creating && (
        <SubscribeModal
          group={group}
          onClose={(done) => {
            setCreating(false);
            if (done) live.refresh();
          }}
        />
      )}
    </>
  );
}

function SubscribeModal({ group, onClose }: { group: string; onClose: (done: boolean) => void }) {
  const [name, setName] = useState("");
  const [pattern, setPattern] = useState("");
  const [destination, setDestination] = useState("");
  const functions = useLive(["lambda", "functions"], () =>
    collect(paginateListFunctions({ client: aws(LambdaClient) }, {}), (page) => page.Functions),
  );
  return (
    <FormModal
      title={`A function that gets lines of ${group}`}
      verb="Subscribe"
      ready={name !== "" && destination !== ""}
      submit={() =>
        logs().send(
          new PutSubscriptionFilterCommand({
            logGroupName: group,
            filterName: name,
            filterPattern: pattern,
            destinationArn: destination,
          }),
        )
      }
      onClose={onClose}
    >
      <TextField label="Name" value={name} onChange={setName} first />
      <PatternField pattern={pattern} onChange={setPattern} />
      <Refused of={functions.refusal} />
      <Choice
        label="Function"
        value={destination}
        options={(functions.data ?? []).map(({ FunctionArn = "", FunctionName = "" }) => ({
          value: FunctionArn,
          label: FunctionName,
        }))}
        onChange={setDestination}
      />
    </FormModal>
  );
}
