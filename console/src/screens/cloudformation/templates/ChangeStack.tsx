import { GetTemplateCommand, type Stack } from "@aws-sdk/client-cloudformation";
import { useSearchParams } from "react-router";
import { to } from "../../../app/links";
import { Page } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { cloudformation } from "../client";
import { useStack } from "../stacks/useStack";
import { TemplateForm } from "./TemplateForm";

const EXAMPLE = `Parameters:
  Days: {Type: Number, Default: 7}
Resources:
  Images:
    Type: AWS::S3::Bucket
  Logs:
    Type: AWS::Logs::LogGroup
    Properties: {RetentionInDays: !Ref Days}
Outputs:
  Images: {Value: !Ref Images}
`;

/** Makes a stack of a template, or updates one. */
export default function ChangeStack() {
  const [search] = useSearchParams();
  const name = search.get("stack");
  return name === null ? <Create /> : <Update key={name} name={name} />;
}

const CRUMBS = [
  { text: "CloudFormation", to: "/cloudformation" },
  { text: "Stacks", to: "/cloudformation/stacks" },
];

function Create() {
  return (
    <Page crumbs={[...CRUMBS, { text: "Create" }]} title="Create a stack">
      <TemplateForm begin={EXAMPLE} />
    </Page>
  );
}

function Update({ name }: { name: string }) {
  const live = useStack(name);
  const template = useLive(["cloudformation", `stack ${name}`, "template", "Original"], async () => {
    const found = await cloudformation().send(new GetTemplateCommand({ StackName: name }));
    return found.TemplateBody ?? "";
  });
  const stack: Stack | undefined = live.data;
  return (
    <Page
      crumbs={[...CRUMBS, { text: name, to: to("cloudformation", "stacks", name) }, { text: "Update" }]}
      title={`Update ${name}`}
      refusal={
        (stack ? undefined : live.refusal) ?? (template.data === undefined ? template.refusal : undefined)
      }
    >
      {stack && template.data !== undefined && <TemplateForm begin={template.data} stack={stack} />}
    </Page>
  );
}
