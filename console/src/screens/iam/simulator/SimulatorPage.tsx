import { paginateListRoles, paginateListUsers } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { collect } from "../../../aws/collect";
import { type Refusal, refusalOf } from "../../../aws/refusal";
import { Page } from "../../../blocks/Page";
import { Refused } from "../../../blocks/Refused";
import { useLive } from "../../../live/useLive";
import { iam } from "../client";
import { ask, type Decision, keysOf } from "./ask";
import { Decisions } from "./Decisions";
import { partsOf } from "./question";

/** Whether a role or a user may do something, and by which statements. */
export default function SimulatorPage() {
  const [search] = useSearchParams();
  const [who, setWho] = useState(search.get("who") ?? "");
  const [actions, setActions] = useState(search.get("action") ?? "sagemaker:InvokeEndpoint");
  const [resources, setResources] = useState(search.get("resource") ?? "");
  const [context, setContext] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const [decisions, setDecisions] = useState<Decision[]>();
  const [refusal, setRefusal] = useState<Refusal>();
  const principals = usePrincipals();
  const keys = useLive(["iam", `keys of ${who}`], () => keysOf(who), { enabled: who !== "" });

  const start = async () => {
    setBusy(true);
    setRefusal(undefined);
    try {
      setDecisions(await ask({ who, actions, resources, context }));
    } catch (error) {
      setDecisions(undefined);
      setRefusal(refusalOf(error));
    }
    setBusy(false);
  };

  return (
    <Page
      crumbs={[{ text: "IAM", to: "/iam" }, { text: "Who may do this" }]}
      title="Who may do this"
      description="IAM's policy simulator: asked, nothing is done."
    >
      <Container>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void start();
          }}
        >
          <SpaceBetween size="m">
            <Refused of={principals.refusal} />
            <FormField label="Who" stretch>
              <Select
                selectedOption={
                  who ? { value: who, label: who.split("/").at(-1) ?? who, description: who } : null
                }
                options={principals.options}
                onChange={({ detail }) => setWho(detail.selectedOption.value ?? "")}
                filteringType="auto"
                placeholder="A role or a user"
                triggerVariant="option"
              />
            </FormField>
            <ColumnLayout columns={2}>
              <FormField label="Actions" description="One a line, or with commas.">
                <Textarea
                  value={actions}
                  onChange={({ detail }) => setActions(detail.value)}
                  spellcheck={false}
                />
              </FormField>
              <FormField label="Resources" description="ARNs; empty for any.">
                <Textarea
                  value={resources}
                  onChange={({ detail }) => setResources(detail.value)}
                  placeholder="arn:aws:sagemaker:us-east-1:123456789012:endpoint/classifier"
                  spellcheck={false}
                />
              </FormField>
            </ColumnLayout>
            {keys.data && keys.data.length > 0 && (
              <ColumnLayout columns={3}>
                {keys.data.map((key) => (
                  <FormField key={key} label={key} description="A condition reads it.">
                    <Input
                      value={context[key] ?? ""}
                      onChange={({ detail }) => setContext({ ...context, [key]: detail.value })}
                      spellcheck={false}
                    />
                  </FormField>
                ))}
              </ColumnLayout>
            )}
            <Button
              variant="primary"
              formAction="submit"
              loading={busy}
              disabled={!who || partsOf(actions).length === 0}
            >
              Ask
            </Button>
          </SpaceBetween>
        </form>
      </Container>
      <Refused of={refusal} />
      {decisions && <Decisions of={decisions} />}
    </Page>
  );
}

function usePrincipals() {
  const roles = useLive(["iam", "roles"], () =>
    collect(paginateListRoles({ client: iam() }, {}), (page) => page.Roles),
  );
  const users = useLive(["iam", "users"], () =>
    collect(paginateListUsers({ client: iam() }, {}), (page) => page.Users),
  );
  const options = [
    {
      label: "Roles",
      options: (roles.data ?? []).map(({ Arn = "", RoleName = "" }) => ({ value: Arn, label: RoleName })),
    },
    {
      label: "Users",
      options: (users.data ?? []).map(({ Arn = "", UserName = "" }) => ({ value: Arn, label: UserName })),
    },
  ].filter((group) => group.options.length > 0);
  return { options, refusal: roles.refusal ?? users.refusal };
}
