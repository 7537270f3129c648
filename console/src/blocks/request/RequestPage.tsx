import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useState } from "react";
import { useNavigate } from "react-router";
import type { Crumb } from "../../app/page";
import { type Refusal, refusalOf } from "../../aws/refusal";
import type { Live } from "../../live/useLive";
import { Editor } from "../fields/Editor";
import { Page } from "../Page";
import { Refused } from "../Refused";
import type { Form } from "./fields";
import { faultOf, type Request } from "./put";

interface Props {
  crumbs: Crumb[];
  title: string;
  description?: ReactNode;
  /** What the form begins with; another's request where something is cloned. */
  first: Live<Request>;
  /** The members that the operation knows. */
  members: readonly string[];
  ready: (request: Request) => boolean;
  form: (form: Form) => ReactNode;
  submit: (request: Request) => Promise<unknown>;
  /** Where to go: to what was made, or back. */
  made: (request: Request) => string;
  back: string;
}

/** A page that makes something: a form for what is usual, and the whole request below it, which both edit. */
export function RequestPage(props: Props) {
  const { first } = props;
  return (
    <Page
      crumbs={props.crumbs}
      title={props.title}
      description={props.description}
      refusal={first.data ? undefined : first.refusal}
    >
      {first.data && <Filled {...props} begin={first.data} />}
    </Page>
  );
}

function Filled({ begin, members, ready, form, submit, made, back }: Props & { begin: Request }) {
  // What is typed is not to be written over by a later look.
  const [request, setRequest] = useState(begin);
  const [text, setText] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal>();
  const navigate = useNavigate();
  const fault = text === undefined ? undefined : faultOf(text, members);
  const change = (changed: Request) => {
    setRequest(changed);
    setText(undefined);
  };
  const write = (written: string) => {
    setText(written);
    if (faultOf(written, members) === undefined) setRequest(JSON.parse(written) as Request);
  };
  const start = async () => {
    setBusy(true);
    setRefusal(undefined);
    try {
      await submit(request);
    } catch (error) {
      setRefusal(refusalOf(error));
      setBusy(false);
      return;
    }
    void navigate(made(request));
  };
  return (
    <SpaceBetween size="l">
      {form({ request, change })}
      <Container>
        <ExpandableSection headerText="The whole request">
          <FormField
            description="All that is sent; what the form above does not show is changed here."
            errorText={fault}
            stretch
          >
            <Editor
              label="The whole request"
              language="json"
              value={text ?? JSON.stringify(request, null, 2)}
              onChange={write}
              height={320}
            />
          </FormField>
        </ExpandableSection>
      </Container>
      <Refused of={refusal} />
      <SpaceBetween direction="horizontal" size="xs">
        <Button onClick={() => void navigate(back)}>Cancel</Button>
        <Button
          variant="primary"
          loading={busy}
          disabled={fault !== undefined || !ready(request)}
          onClick={() => void start()}
        >
          Create
        </Button>
      </SpaceBetween>
    </SpaceBetween>
  );
}
