import {
  type Authorizer,
  TestInvokeAuthorizerCommand,
  type TestInvokeAuthorizerResponse,
} from "@aws-sdk/client-api-gateway";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { type Refusal, refusalOf } from "../../../aws/refusal";
import { TextField } from "../../../blocks/fields/TextField";
import { pretty } from "../../../blocks/formats/pretty";
import { KeyValues } from "../../../blocks/KeyValues";
import { Refused } from "../../../blocks/Refused";
import { gateway } from "../client";
import { headersIn } from "../methods/request";

interface Props {
  api: string;
  authorizer: Authorizer;
  onClose: () => void;
}

/** `method.request.header.Authorization` → `Authorization`. */
const headerOf = (authorizer: Authorizer) =>
  /^method\.request\.header\.(.+)$/.exec(authorizer.identitySource ?? "")?.[1] ?? "Authorization";

/** Asks an authorizer, as a request would, and shows what it decided and why. */
export function TestAuthorizer({ api, authorizer, onClose }: Props) {
  const header = headerOf(authorizer);
  const isToken = authorizer.type === "TOKEN";
  const [headers, setHeaders] = useState(isToken ? "" : `${header}: `);
  const [query, setQuery] = useState("");
  const [busy, setBusy] = useState(false);
  const [answer, setAnswer] = useState<TestInvokeAuthorizerResponse>();
  const [refusal, setRefusal] = useState<Refusal>();
  const ask = async () => {
    setBusy(true);
    setRefusal(undefined);
    try {
      setAnswer(
        await gateway().send(
          new TestInvokeAuthorizerCommand({
            restApiId: api,
            authorizerId: authorizer.id,
            ...(isToken
              ? { headers: { [header]: headers } }
              : { multiValueHeaders: headersIn(headers), pathWithQueryString: query ? `/?${query}` : "/" }),
          }),
        ),
      );
    } catch (error) {
      setAnswer(undefined);
      setRefusal(refusalOf(error));
    }
    setBusy(false);
  };
  return (
    <Modal visible size="large" header={`Test ${authorizer.name}`} onDismiss={onClose}>
      <SpaceBetween size="m">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void ask();
          }}
        >
          <SpaceBetween size="s">
            {isToken ? (
              <TextField label={header} value={headers} onChange={setHeaders} first />
            ) : (
              <>
                <FormField label="Headers" description="One a line.">
                  <Textarea
                    rows={3}
                    value={headers}
                    onChange={({ detail }) => setHeaders(detail.value)}
                    spellcheck={false}
                  />
                </FormField>
                <TextField label="Query" value={query} onChange={setQuery} placeholder="token=abc" />
              </>
            )}
            <Button variant="primary" loading={busy}>
              Ask
            </Button>
          </SpaceBetween>
        </form>
        <Refused of={refusal} />
        {answer && <Answer of={answer} />}
      </SpaceBetween>
    </Modal>
  );
}

function Answer({ of }: { of: TestInvokeAuthorizerResponse }) {
  const status = of.clientStatus ?? 0;
  const context = Object.entries(of.authorization ?? {}).map(([name, values]) => `${name}: ${values}`);
  return (
    <>
      <StatusIndicator type={status < 400 ? "success" : "error"}>
        {status} in {of.latency} ms
      </StatusIndicator>
      <KeyValues columns={2} of={{ Caller: of.principalId, Context: context.join(", ") || undefined }} />
      {of.policy && <pre className="text">{pretty(of.policy).text}</pre>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keys alone scroll it */}
      <pre className="log small" tabIndex={0} aria-label="Log" role="log">
        {of.log}
      </pre>
    </>
  );
}
