import { GetTemplateCommand, type TemplateStage } from "@aws-sdk/client-cloudformation";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import { useState } from "react";
import { Refused } from "../../../blocks/Refused";
import { useLive } from "../../../live/useLive";
import { cloudformation } from "../client";

const STAGES = [
  { id: "Original", text: "As written" },
  { id: "Processed", text: "After its macros" },
];

/** The template that a stack is made of. */
export function TemplateText({ stack }: { stack: string }) {
  const [stage, setStage] = useState<TemplateStage>("Original");
  const live = useLive(["cloudformation", `stack ${stack}`, "template", stage], () =>
    cloudformation().send(new GetTemplateCommand({ StackName: stack, TemplateStage: stage })),
  );
  const choice = (live.data?.StagesAvailable?.length ?? 0) > 1 && (
    <SegmentedControl
      label="Which"
      selectedId={stage}
      options={STAGES}
      onChange={({ detail }) => setStage(detail.selectedId as TemplateStage)}
    />
  );
  return (
    <Container
      header={
        <Header variant="h2" actions={choice}>
          Template
        </Header>
      }
    >
      <Refused of={live.data ? undefined : live.refusal} />
      <pre className="text">{live.data?.TemplateBody ?? ""}</pre>
    </Container>
  );
}
