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
import { Editor } from "../../../blocks/fields/Editor";
import { CreateModal } from "../../../blocks/modals/CreateModal";
import { RefusalText } from "../../../blocks/Refused";
import { EXAMPLES, type Saved, withEvent, withoutEvent } from "./events";
import { TestResult } from "./TestResult";
import { useTest } from "./useTest";

const written = (event: unknown) => JSON.stringify(event, null, 2);

/** Sends an event to a function, and shows all that comes of it. */
export function TestTab({ name, onTested }: { name: string; onTested: () => void }) {
  const [event, setEvent] = useState(() => remembered(`event.${name}`, written(EXAMPLES["A name"])));
  const [saved, setSaved] = useState<Saved>(() => remembered(`events.${name}`, {}));
  const [chosen, setChosen] = useState<string>();
  const [saving, setSaving] = useState(false);
  const [qualifier, setQualifier] = useState("");
  const { tested, busy, refusal, test } = useTest(name, onTested);
  const start = () => {
    remember(`event.${name}`, event);
    void test(event, qualifier || undefined);
  };
  const keep = (events: Saved) => {
    setSaved(events);
    remember(`events.${name}`, events);
  };
  const options = [
    { label: "Yours", options: Object.keys(saved).map((value) => ({ value })) },
    { label: "Examples", options: Object.keys(EXAMPLES).map((value) => ({ value })) },
  ].filter(({ options: some }) => some.length > 0);
  return (
    <>
      <ColumnLayout columns={2}>
        <SpaceBetween size="m">
          <SpaceBetween direction="horizontal" size="s" alignItems="end">
            <FormField label="Begin with">
              <Select
                selectedOption={chosen === undefined ? null : { value: chosen }}
                placeholder="An event"
                options={options}
                onChange={({ detail }) => {
                  const { value = "" } = detail.selectedOption;
                  setChosen(value);
                  setEvent(saved[value] ?? written(EXAMPLES[value]));
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
          <SpaceBetween direction="horizontal" size="xs">
            <Button onClick={() => setSaving(true)}>Save the event</Button>
            {chosen !== undefined && chosen in saved && (
              <Button
                onClick={() => {
                  keep(withoutEvent(saved, chosen));
                  setChosen(undefined);
                }}
              >
                Forget it
              </Button>
            )}
          </SpaceBetween>
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
      {saving && (
        <CreateModal
          title="Save the event"
          label="Name"
          hint="Kept in this browser, for this function."
          verb="Save"
          create={async (title) => keep(withEvent(saved, title, event))}
          onClose={(title) => {
            setSaving(false);
            if (title) setChosen(title);
          }}
        />
      )}
    </>
  );
}
