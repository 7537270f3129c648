import { AddPermissionCommand } from "@aws-sdk/client-lambda";
import Autosuggest from "@cloudscape-design/components/autosuggest";
import FormField from "@cloudscape-design/components/form-field";
import { useState } from "react";
import { TextField } from "../../../blocks/fields/TextField";
import { FormModal } from "../../../blocks/modals/FormModal";
import { lambda } from "../client";

const SERVICES = [
  "apigateway.amazonaws.com",
  "s3.amazonaws.com",
  "logs.amazonaws.com",
  "events.amazonaws.com",
];

/** Lets a service, or another account, call a function. */
export function AddPermission({ name, onClose }: { name: string; onClose: (done: boolean) => void }) {
  const [sid, setSid] = useState(`by-hand-${Date.now().toString(36)}`);
  const [who, setWho] = useState("");
  const [source, setSource] = useState("");
  const add = () =>
    lambda().send(
      new AddPermissionCommand({
        FunctionName: name,
        StatementId: sid,
        Action: "lambda:InvokeFunction",
        Principal: who,
        ...(source ? { SourceArn: source } : {}),
      }),
    );
  return (
    <FormModal
      title={`Let somebody call ${name}`}
      verb="Add"
      ready={sid !== "" && who !== ""}
      submit={add}
      onClose={onClose}
    >
      <FormField label="Who" constraintText="A service, an account's number, or the ARN of a role or a user">
        <Autosuggest
          value={who}
          options={SERVICES.map((value) => ({ value }))}
          onChange={({ detail }) => setWho(detail.value)}
          enteredTextLabel={(value) => value}
          ariaLabel="Who"
        />
      </FormField>
      <TextField
        label="From there alone"
        hint="An ARN, stars allowed. Without it a service may call for every account that asks it to."
        value={source}
        onChange={setSource}
        placeholder="arn:aws:execute-api:us-east-1:123456789012:API/*"
      />
      <TextField label="Name of the statement" value={sid} onChange={setSid} />
    </FormModal>
  );
}
