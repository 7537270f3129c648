import {
  type Resource,
  TestInvokeMethodCommand,
  type TestInvokeMethodResponse,
} from "@aws-sdk/client-api-gateway";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { type Refusal, refusalOf } from "../../../aws/refusal";
import { pretty } from "../../../blocks/formats/pretty";
import { Refused } from "../../../blocks/Refused";
import { gateway } from "../client";
import { filledIn, headersIn, placeholders } from "./request";

const VERBS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/** Calls a method as it is now, deployed or not, and shows every step of it. */
export function TestMethod({ api, resource, verb }: { api: string; resource: Resource; verb: string }) {
  const { id, path = "/" } = resource;
  const [method, setMethod] = useState(verb === "ANY" ? "GET" : verb);
  const [values, setValues] = useState<Record<string, string>>({});
  const [query, setQuery] = useState("");
  const [headers, setHeaders] = useState("Content-Type: application/json");
  const [body, setBody] = useState("");
  const [busy, setBusy] = useState(false);
  const [answer, setAnswer] = useState<TestInvokeMethodResponse>();
  const [refusal, setRefusal] = useState<Refusal>();

  const start = async () => {
    setBusy(true);
    setRefusal(undefined);
    try {
      setAnswer(
        await gateway().send(
          new TestInvokeMethodCommand({
            restApiId: api,
            resourceId: id,
            httpMethod: method,
            pathWithQueryString: filledIn(path, values) + (query ? `?${query}` : ""),
            multiValueHeaders: headersIn(headers),
            ...(body ? { body } : {}),
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
    <Container header={<Header variant="h2">Test</Header>}>
      <ColumnLayout columns={2}>
        <SpaceBetween size="s">
          {verb === "ANY" && (
            <FormField label="Verb">
              <Select
                selectedOption={{ value: method }}
                options={VERBS.map((value) => ({ value }))}
                onChange={({ detail }) => setMethod(detail.selectedOption.value ?? method)}
              />
            </FormField>
          )}
          {placeholders(path).map((name) => (
            <FormField key={name} label={`{${name}}`}>
              <Input
                value={values[name] ?? ""}
                onChange={({ detail }) => setValues({ ...values, [name]: detail.value })}
                spellcheck={false}
              />
            </FormField>
          ))}
          <FormField label="Query">
            <Input
              value={query}
              onChange={({ detail }) => setQuery(detail.value)}
              placeholder="k=3&details=true"
              spellcheck={false}
            />
          </FormField>
          <FormField label="Headers">
            <Textarea
              rows={2}
              value={headers}
              onChange={({ detail }) => setHeaders(detail.value)}
              spellcheck={false}
            />
          </FormField>
          <FormField label="Body">
            <Textarea
              rows={4}
              value={body}
              onChange={({ detail }) => setBody(detail.value)}
              spellcheck={false}
              disabled={["GET", "HEAD"].includes(method)}
            />
          </FormField>
          <Button variant="primary" loading={busy} onClick={() => void start()}>
            Test
          </Button>
        </SpaceBetween>
        <SpaceBetween size="s">
          <Refused of={refusal} />
          {answer && <Answer of={answer} />}
          {!answer && !refusal && (
            <Box color="text-body-secondary">The answer, and the log of every step, appear here.</Box>
          )}
        </SpaceBetween>
      </ColumnLayout>
    </Container>
  );
}

function Answer({ of }: { of: TestInvokeMethodResponse }) {
  const status = of.status ?? 0;
  const headers = Object.entries(of.multiValueHeaders ?? {}).flatMap(([name, values]) =>
    values.map((value) => `${name}: ${value}`),
  );
  return (
    <>
      <StatusIndicator type={status < 400 ? "success" : status < 500 ? "warning" : "error"}>
        {status} in {of.latency} ms
      </StatusIndicator>
      <pre className="text preview">{pretty((of.body ?? "").slice(0, 100_000)).text || "No body."}</pre>
      <pre className="text">{headers.join("\n")}</pre>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keys alone scroll it */}
      <pre className="log small" tabIndex={0} aria-label="Log" role="log">
        {of.log}
      </pre>
    </>
  );
}
