import { type FunctionConfiguration, UpdateFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { Copyable } from "../../../blocks/Copyable";
import { KeyValues } from "../../../blocks/KeyValues";
import { RoleLink } from "../../../blocks/links/RoleLink";
import { lambda } from "../client";
import { LayersBox } from "../layers/LayersBox";
import { EditConfiguration } from "./EditConfiguration";

interface Props {
  one: FunctionConfiguration;
  onSaved: () => void;
}

/** What a function is set to. */
export function ConfigurationTab({ one, onSaved }: Props) {
  const [editing, setEditing] = useState(false);
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header variant="h2" actions={<Button onClick={() => setEditing(true)}>Edit</Button>}>
            Settings
          </Header>
        }
      >
        <KeyValues
          columns={4}
          of={{
            Runtime: one.Runtime,
            Handler: one.Handler,
            Memory: `${one.MemorySize} MB`,
            Timeout: `${one.Timeout} s`,
            Role: <RoleLink arn={one.Role} />,
            Architecture: one.Architectures?.join(", "),
            "Ephemeral storage": `${one.EphemeralStorage?.Size ?? 512} MB`,
            ARN: <Copyable text={one.FunctionArn} />,
          }}
        />
      </Container>
      <Container header={<Header variant="h2">Environment</Header>}>
        {one.Environment?.Variables && Object.keys(one.Environment.Variables).length > 0 ? (
          <KeyValues columns={3} of={one.Environment.Variables} />
        ) : (
          <Box color="text-body-secondary">It has no variables.</Box>
        )}
      </Container>
      <LayersBox one={one} onSaved={onSaved} />
      {editing && (
        <EditConfiguration
          one={one}
          save={(changes) =>
            lambda().send(
              new UpdateFunctionConfigurationCommand({ FunctionName: one.FunctionName, ...changes }),
            )
          }
          onClose={() => {
            setEditing(false);
            onSaved();
          }}
        />
      )}
    </SpaceBetween>
  );
}
