import {
  type FunctionConfiguration,
  paginateListLayers,
  paginateListLayerVersions,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { to } from "../../../app/links";
import { collect } from "../../../aws/collect";
import { Choice } from "../../../blocks/fields/Choice";
import { TextField } from "../../../blocks/fields/TextField";
import { GoTo } from "../../../blocks/links/GoTo";
import { FormModal } from "../../../blocks/modals/FormModal";
import { Refused } from "../../../blocks/Refused";
import { useLive } from "../../../live/useLive";
import { lambda } from "../client";
import { MOST_LAYERS, moved, shortOf, withLayer } from "./layer";

interface Props {
  one: FunctionConfiguration;
  onSaved: () => void;
}

const arnsOf = ({ Layers = [] }: FunctionConfiguration) => Layers.map(({ Arn = "" }) => Arn);

/** The layers of a function, in the order in which they are laid upon one another. */
export function LayersBox({ one, onSaved }: Props) {
  const [editing, setEditing] = useState(false);
  const arns = arnsOf(one);
  return (
    <Container
      header={
        <Header
          variant="h2"
          counter={`(${arns.length})`}
          actions={<Button onClick={() => setEditing(true)}>Edit layers</Button>}
        >
          Layers
        </Header>
      }
    >
      {arns.length === 0 ? (
        <Box color="text-body-secondary">
          It has none: a layer brings packages that several functions share.
        </Box>
      ) : (
        arns.map((arn) => (
          <div key={arn}>
            <GoTo to={to("lambda", "layers", arn.split(":").at(-2) ?? "")}>{shortOf(arn)}</GoTo>
          </div>
        ))
      )}
      {editing && (
        <EditLayers
          one={one}
          onClose={() => {
            setEditing(false);
            onSaved();
          }}
        />
      )}
    </Container>
  );
}

function EditLayers({ one, onClose }: { one: FunctionConfiguration; onClose: () => void }) {
  const [arns, setArns] = useState(() => arnsOf(one));
  return (
    <FormModal
      title={`Layers of ${one.FunctionName}`}
      verb="Save"
      size="large"
      ready={arns.length <= MOST_LAYERS}
      submit={() =>
        lambda().send(
          new UpdateFunctionConfigurationCommand({ FunctionName: one.FunctionName, Layers: arns }),
        )
      }
      onClose={onClose}
    >
      <Box color="text-body-secondary">
        {MOST_LAYERS} at most. A file of a later one hides that of an earlier one.
      </Box>
      <SpaceBetween size="xs">
        {arns.map((arn, place) => (
          <SpaceBetween key={arn} direction="horizontal" size="xs" alignItems="center">
            <Button
              iconName="angle-up"
              formAction="none"
              disabled={place === 0}
              ariaLabel={`${shortOf(arn)} earlier`}
              onClick={() => setArns(moved(arns, place, place - 1))}
            />
            <Button
              iconName="angle-down"
              formAction="none"
              disabled={place === arns.length - 1}
              ariaLabel={`${shortOf(arn)} later`}
              onClick={() => setArns(moved(arns, place, place + 1))}
            />
            <Button
              iconName="close"
              formAction="none"
              ariaLabel={`Take ${shortOf(arn)} away`}
              onClick={() => setArns(arns.filter((other) => other !== arn))}
            />
            <span>{shortOf(arn)}</span>
          </SpaceBetween>
        ))}
      </SpaceBetween>
      <AddLayer disabled={arns.length >= MOST_LAYERS} onAdd={(arn) => setArns(withLayer(arns, arn))} />
    </FormModal>
  );
}

function AddLayer({ disabled, onAdd }: { disabled: boolean; onAdd: (arn: string) => void }) {
  const [layer, setLayer] = useState("");
  const [arn, setArn] = useState("");
  const layers = useLive(["lambda", "layers"], () =>
    collect(paginateListLayers({ client: lambda() }, {}), (page) => page.Layers),
  );
  const versions = useLive(
    ["lambda", `layer ${layer}`],
    () =>
      collect(
        paginateListLayerVersions({ client: lambda() }, { LayerName: layer }),
        (page) => page.LayerVersions,
      ),
    { enabled: layer !== "" },
  );
  const chosen = arn || (layer ? (versions.data?.[0]?.LayerVersionArn ?? "") : "");
  return (
    <>
      <Refused of={layers.refusal ?? versions.refusal} />
      <ColumnLayout columns={2}>
        <Choice
          label="Layer"
          value={layer}
          options={(layers.data ?? []).map(({ LayerName = "" }) => ({ value: LayerName }))}
          onChange={(name) => {
            setLayer(name);
            setArn("");
          }}
        />
        <Choice
          label="Version"
          value={chosen}
          options={(versions.data ?? []).map(({ LayerVersionArn = "", Version, Description = "" }) => ({
            value: LayerVersionArn,
            label: String(Version),
            description: Description,
          }))}
          onChange={setArn}
        />
      </ColumnLayout>
      <TextField
        label="Or the ARN of a version"
        value={chosen}
        onChange={setArn}
        placeholder="arn:aws:lambda:us-east-1:123456789012:layer:pillow:3"
      />
      <Button formAction="none" disabled={disabled || chosen === ""} onClick={() => onAdd(chosen)}>
        Add it
      </Button>
    </>
  );
}
