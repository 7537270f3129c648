import type { DescribeEndpointOutput } from "@aws-sdk/client-sagemaker";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { DropArea } from "../../../blocks/fields/DropArea";
import { RefusalText } from "../../../blocks/Refused";
import { Answer } from "./Answer";
import { type Tried, useInvocation } from "./useInvocation";

/** What one can be answered: everything that SageMaker takes, 25 MB since 2025 (documented: InvokeEndpoint, quotas). */
const MOST_BYTES = 25 * 1024 * 1024;

interface Props {
  endpoint: DescribeEndpointOutput;
  /** The inference components that it hosts; absent where it has models of its own. */
  components?: string[] | undefined;
}

/** Drop an image or write JSON, and see what the endpoint says. */
export function TryIt({ endpoint, components }: Props) {
  const variants = (endpoint.ProductionVariants ?? []).map(({ VariantName = "" }) => VariantName);
  const [variant, setVariant] = useState("");
  const [chosen, setChosen] = useState("");
  const [text, setText] = useState('{"instances": [[1, 2, 3]]}');
  const [type, setType] = useState("application/json");
  const { tried, busy, refusal, invoke } = useInvocation(endpoint.EndpointName ?? "");
  const [tooLarge, setTooLarge] = useState("");
  const component = components?.includes(chosen) ? chosen : components?.[0];
  const serves =
    ["InService", "Updating", "SystemUpdating", "RollingBack"].includes(endpoint.EndpointStatus ?? "") &&
    !(components && !component);
  const target = { ...(variant ? { variant } : {}), ...(component ? { component } : {}) };

  const drop = (files: File[]) => {
    const [file] = files;
    if (!file) return;
    if (file.size > MOST_BYTES) {
      setTooLarge(`${file.name} is larger than the 25 MB that an endpoint is sent.`);
      return;
    }
    setTooLarge("");
    void invoke(file, file.type || "application/octet-stream", file.name, target);
  };

  return (
    <ColumnLayout columns={2}>
      <Container>
        <SpaceBetween size="m">
          {!serves && <Alert type="info">It answers as soon as it is in service.</Alert>}
          <DropArea
            label="Drop an image here"
            accept="image/*,application/json,text/csv"
            disabled={!serves || busy}
            onFiles={drop}
            hint="or any other file: it is sent as it is, with its content type"
          />
          {tooLarge && <Alert type="error">{tooLarge}</Alert>}
          <FormField label="Or write" stretch>
            <Textarea
              value={text}
              onChange={({ detail }) => setText(detail.value)}
              rows={6}
              spellcheck={false}
            />
          </FormField>
          <SpaceBetween direction="horizontal" size="s" alignItems="end">
            <FormField label="Content type">
              <Input value={type} onChange={({ detail }) => setType(detail.value)} spellcheck={false} />
            </FormField>
            {components && (
              <FormField label="Component">
                <Select
                  selectedOption={component ? { value: component } : null}
                  options={components.map((value) => ({ value }))}
                  placeholder="none yet"
                  onChange={({ detail }) => setChosen(detail.selectedOption.value ?? "")}
                />
              </FormField>
            )}
            {!components && variants.length > 1 && (
              <FormField label="Variant">
                <Select
                  selectedOption={{ value: variant, label: variant || "by weight" }}
                  options={[
                    { value: "", label: "by weight" },
                    ...variants.map((value) => ({ value, label: value })),
                  ]}
                  onChange={({ detail }) => setVariant(detail.selectedOption.value ?? "")}
                />
              </FormField>
            )}
            <Button
              variant="primary"
              loading={busy}
              disabled={!serves}
              onClick={() => void invoke(new Blob([text]), type, "text", target)}
            >
              Send
            </Button>
          </SpaceBetween>
          <Recent tried={tried} />
        </SpaceBetween>
      </Container>
      <Container>
        {refusal && (
          <Alert type="error" header="The endpoint did not answer">
            <RefusalText of={refusal} />
          </Alert>
        )}
        {tried[0] && !refusal && <Answer tried={tried[0]} endpoint={endpoint.EndpointName ?? ""} />}
        {!tried[0] && !refusal && <Box color="text-body-secondary">The answer appears here.</Box>}
      </Container>
    </ColumnLayout>
  );
}

function Recent({ tried }: { tried: Tried[] }) {
  if (tried.length < 2) return null;
  return (
    <Box variant="small" color="text-body-secondary">
      Last answers: {tried.map((one) => `${one.milliseconds.toFixed(0)} ms`).join(", ")}
    </Box>
  );
}
