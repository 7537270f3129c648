import { DescribeStacksCommand, GetTemplateCommand } from "@aws-sdk/client-cloudformation";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { to } from "../../../app/links";
import { Page } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { cloudformation } from "../client";
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
  const [opened] = useState(Date.now);
  // Under a key of its own: a form that begins with what was seen before would take the last update back.
  const live = useLive(["cloudformation", "update", name, opened], async () => {
    const [stacks, template] = await Promise.all([
      cloudformation().send(new DescribeStacksCommand({ StackName: name })),
      cloudformation().send(new GetTemplateCommand({ StackName: name })),
    ]);
    return { stack: stacks.Stacks?.[0], template: template.TemplateBody ?? "" };
  });
  const { stack, template } = live.data ?? {};
  return (
    <Page
      crumbs={[...CRUMBS, { text: name, to: to("cloudformation", "stacks", name) }, { text: "Update" }]}
      title={`Update ${name}`}
      refusal={live.data ? undefined : live.refusal}
    >
      {stack && <TemplateForm begin={template ?? ""} stack={stack} />}
    </Page>
  );
}
