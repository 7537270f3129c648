import {
  CreateAccountAliasCommand,
  DeleteAccountAliasCommand,
  DeleteAccountPasswordPolicyCommand,
  GetAccountPasswordPolicyCommand,
  GetAccountSummaryCommand,
  ListAccountAliasesCommand,
} from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { isMissing } from "../../../aws/refusal";
import { KeyValues } from "../../../blocks/KeyValues";
import { LiveMark } from "../../../blocks/LiveMark";
import { CreateModal } from "../../../blocks/modals/CreateModal";
import { DeleteModal } from "../../../blocks/modals/DeleteModal";
import { Page } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { iam } from "../client";
import { EditPolicy } from "./EditPolicy";
import { wordsOf } from "./policy";

async function read() {
  const [aliases, summary, policy] = await Promise.all([
    iam().send(new ListAccountAliasesCommand({})),
    iam().send(new GetAccountSummaryCommand({})),
    iam()
      .send(new GetAccountPasswordPolicyCommand({}))
      .catch((error: unknown) => {
        if (isMissing(error)) return undefined;
        throw error;
      }),
  ]);
  return {
    alias: aliases.AccountAliases?.[0],
    summary: summary.SummaryMap ?? {},
    policy: policy?.PasswordPolicy,
  };
}

/** What holds for the whole account: its alias, its passwords, how much of IAM it has. */
export default function AccountPage() {
  const [open, setOpen] = useState<"alias" | "no alias" | "policy" | "no policy">();
  const live = useLive(["iam", "account"], read);
  const { alias, policy } = live.data ?? {};
  const summary: Partial<Record<string, number>> = live.data?.summary ?? {};
  const close = () => {
    setOpen(undefined);
    live.refresh();
  };
  return (
    <Page
      crumbs={[{ text: "IAM", to: "/iam" }, { text: "Account settings" }]}
      title="Account settings"
      description={<LiveMark of={live} />}
      refusal={live.data ? undefined : live.refusal}
    >
      {live.data && (
        <Container
          header={
            <Header
              variant="h2"
              actions={
                <SpaceBetween direction="horizontal" size="xs">
                  <Button disabled={!alias} onClick={() => setOpen("no alias")}>
                    Delete alias
                  </Button>
                  <Button onClick={() => setOpen("alias")}>{alias ? "Change alias" : "Create alias"}</Button>
                </SpaceBetween>
              }
            >
              Account
            </Header>
          }
        >
          <KeyValues
            columns={4}
            of={{
              Alias: alias ?? "none",
              Users: summary.Users ?? 0,
              Roles: summary.Roles ?? 0,
              Groups: summary.Groups ?? 0,
              Policies: summary.Policies ?? 0,
              "Instance profiles": summary.InstanceProfiles ?? 0,
              "MFA devices": `${summary.MFADevicesInUse ?? 0} in use of ${summary.MFADevices ?? 0}`,
            }}
          />
        </Container>
      )}
      {live.data && (
        <Container
          header={
            <Header
              variant="h2"
              actions={
                <SpaceBetween direction="horizontal" size="xs">
                  <Button disabled={!policy} onClick={() => setOpen("no policy")}>
                    Delete password policy
                  </Button>
                  <Button onClick={() => setOpen("policy")}>{policy ? "Edit" : "Write one"}</Button>
                </SpaceBetween>
              }
            >
              Password policy
            </Header>
          }
        >
          {policy ? (
            <KeyValues
              columns={4}
              of={{
                "At least": wordsOf(policy),
                "Good for": policy.MaxPasswordAge ? `${policy.MaxPasswordAge} days` : "ever",
                "Not one of the last": policy.PasswordReusePrevention ?? "any may come again",
                "Changed by": policy.AllowUsersToChangePassword
                  ? "the users themselves"
                  : "who administrates",
              }}
            />
          ) : (
            <Box color="text-body-secondary">
              It has none: AWS's own holds, eight characters of three kinds.
            </Box>
          )}
        </Container>
      )}
      {open === "alias" && (
        <CreateModal
          title="The account's alias"
          label="Alias"
          hint="Small letters, digits and dashes."
          verb="Save"
          create={(AccountAlias) => iam().send(new CreateAccountAliasCommand({ AccountAlias }))}
          onClose={close}
        />
      )}
      {open === "policy" && <EditPolicy policy={policy} onClose={close} />}
      {open === "no alias" && alias && (
        <DeleteModal
          words={{ one: "alias", many: "aliases" }}
          items={[alias]}
          nameOf={(item) => item}
          remove={(AccountAlias) => iam().send(new DeleteAccountAliasCommand({ AccountAlias }))}
          onClose={close}
        />
      )}
      {open === "no policy" && (
        <DeleteModal
          words={{ one: "password policy", many: "password policies" }}
          items={["password policy"]}
          nameOf={(item) => item}
          remove={() => iam().send(new DeleteAccountPasswordPolicyCommand({}))}
          consequence="AWS's own holds for new passwords."
          onClose={close}
        />
      )}
    </Page>
  );
}
