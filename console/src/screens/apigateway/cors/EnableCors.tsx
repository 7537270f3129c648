import { DeleteMethodCommand, type Resource } from "@aws-sdk/client-api-gateway";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Checkbox from "@cloudscape-design/components/checkbox";
import { useState } from "react";
import { orUndo } from "../../../aws/undo";
import { TextField } from "../../../blocks/fields/TextField";
import { FormModal } from "../../../blocks/modals/FormModal";
import { gateway } from "../client";
import { verbsOf } from "../resources/tree";
import { HEADERS, verbsFor, writtenHere } from "./cors";
import { addHeader, allowFailures, answerPreflights } from "./enable";

interface Props {
  api: string;
  resource: Resource;
  onClose: (done: boolean) => void;
}

/** Lets pages of other origins call a resource. */
export function EnableCors({ api, resource, onClose }: Props) {
  const [origin, setOrigin] = useState("*");
  const [headers, setHeaders] = useState(HEADERS);
  const [failures, setFailures] = useState(true);
  const methods = writtenHere(resource);
  const proxies = methods.filter(({ proxy }) => proxy).map(({ verb }) => verb);
  const replaces = verbsOf(resource).includes("OPTIONS");
  const submit = async () => {
    const client = gateway();
    const place = { restApiId: api, resourceId: resource.id ?? "" };
    const options = { ...place, httpMethod: "OPTIONS" };
    if (replaces) await client.send(new DeleteMethodCommand(options));
    // Half of it would be in the way of the next try.
    await orUndo(
      () => answerPreflights(client, place, { origin, verbs: verbsFor(verbsOf(resource)), headers }),
      () => client.send(new DeleteMethodCommand(options)),
    );
    for (const { verb, proxy } of methods) if (!proxy) await addHeader(client, place, verb, origin);
    if (failures) await allowFailures(client, api, origin);
  };
  return (
    <FormModal
      title={`Let pages of other origins call ${resource.path}`}
      verb="Enable CORS"
      ready={origin.trim() !== "" && !/['\n]/.test(origin + headers)}
      submit={submit}
      onClose={onClose}
    >
      <TextField
        label="Origin"
        hint="* for every page, or one: https://example.com"
        value={origin}
        onChange={setOrigin}
        first
      />
      <TextField label="Headers that they may send" value={headers} onChange={setHeaders} />
      <Checkbox checked={failures} onChange={({ detail }) => setFailures(detail.checked)}>
        Refusals of the API itself (4xx, 5xx), too
      </Checkbox>
      {replaces && <Alert type="warning">Its OPTIONS is made anew.</Alert>}
      {proxies.length > 0 && (
        <Alert type="info">
          Whoever answers {proxies.join(", ")} has the whole request, and has to send the header{" "}
          <Box variant="code">Access-Control-Allow-Origin</Box> by itself.
        </Alert>
      )}
    </FormModal>
  );
}
