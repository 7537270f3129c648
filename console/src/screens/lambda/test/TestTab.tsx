import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { remember, remembered } from "../../../app/remembered";
import { Editor } from "../../../blocks/Editor";
import { RefusalText } from "../../../blocks/Refused";
import { TestResult } from "./TestResult";
import { useTest } from "./useTest";

const TEMPLATES: Record<string, unknown> = {
  "A name": { name: "world" },
  "An API's request": {
    resource: "/classify",
    path: "/classify",
    httpMethod: "POST",
    headers: { "Content-Type": "application/json" },
    queryStringParameters: null,
    body: '{"image": "…"}',
    isBase64Encoded: false,
  },
  "An object in S3": {
    Records: [
      {
        eventSource: "aws:s3",
        eventName: "ObjectCreated:Put",
        s3: { bucket: { name: "bucket" }, object: { key: "image.jpg", size: 1024 } },
      },
    ],
  },
  Nothing: {},
};

const written = (event: unknown) => JSON.stringify(event, null, 2);

/** Sends an event to a function, and shows all that comes of it. */
export function TestTab({ name, onTested }: { name: string; onTested: () => void }) {
  const [event, setEvent] = useState(() => remembered(`event.${name}`, written(TEMPLATES["A name"])));
  const [template, setTemplate] = useState<string>();
  const [qualifier, setQualifier] = useState("");
  const { tested, busy, refusal, test } = useTest(name, onTested);
  const start = () => {
    remember(`event.${name}`, event);
    void test(event, qualifier || undefined);
  };
  return (
    <ColumnLayout columns={2}>
      <SpaceBetween size="m">
        <SpaceBetween direction="horizontal" size="s" alignItems="end">
          <FormField label="Begin with">
            <Select
              selectedOption={template === undefined ? null : { value: template }}
              placeholder="An example"
              options={Object.keys(TEMPLATES).map((value) => ({ value }))}
              onChange={({ detail }) => {
                setTemplate(detail.selectedOption.value);
                setEvent(written(TEMPLATES[detail.selectedOption.value ?? ""]));
              }}
            />
          </FormField>
          <FormField label="Version or alias">
            <Input
              value={qualifier}
              onChange={({ detail }) => setQualifier(detail.value)}
              placeholder="$LATEST"
              spellcheck={false}
            />
          </FormField>
          <Button variant="primary" loading={busy} onClick={start}>
            Test
          </Button>
        </SpaceBetween>
        <Editor value={event} language="json" label="Event" height={300} onChange={setEvent} />
      </SpaceBetween>
      <Container>
        {refusal && (
          <Alert type="error" header="The function was not run">
            <RefusalText of={refusal} />
          </Alert>
        )}
        {tested && !refusal && <TestResult tested={tested} />}
        {!tested && !refusal && <Box color="text-body-secondary">The result and the log appear here.</Box>}
      </Container>
    </ColumnLayout>
  );
}
