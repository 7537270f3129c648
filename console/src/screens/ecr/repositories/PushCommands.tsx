import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { CopyText } from "../../../blocks/CopyText";
import { pushCommands, skopeoCommands } from "./commands";

/** How an image comes here, as one would type it on this machine. */
export function PushCommands({ name }: { name: string }) {
  const at = window.location.host;
  return (
    <SpaceBetween size="l">
      <Steps title="With Docker or podman" steps={pushCommands(at, name)} />
      <Steps title="With skopeo, without Docker" steps={skopeoCommands(at, name)} />
    </SpaceBetween>
  );
}

function Steps({ title, steps }: { title: string; steps: { about: string; text: string }[] }) {
  return (
    <Container header={<Header variant="h2">{title}</Header>}>
      <SpaceBetween size="m">
        {steps.map(({ about, text }, place) => (
          <CopyText key={text} about={`${place + 1}. ${about}`} text={text} />
        ))}
      </SpaceBetween>
    </Container>
  );
}
