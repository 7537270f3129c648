import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type FormEvent, useEffect, useState } from "react";
import { useNotices } from "../app/notices";
import { type Refusal, refusalOf } from "../aws/refusal";
import { RefusalText } from "../blocks/Refused";
import { useSessions } from "./session";
import { regionOfPlatform } from "./token";

/** Signs in by access key; `sagehen console` needs no form. */
export default function Login() {
  const [accessKeyId, setAccessKeyId] = useState("");
  const [secretAccessKey, setSecretAccessKey] = useState("");
  const [sessionToken, setSessionToken] = useState("");
  const [region, setRegion] = useState("");
  const [refusal, setRefusal] = useState<Refusal>();
  const [busy, setBusy] = useState(false);
  const ended = useNotices((state) => state.notices.find((notice) => notice.type === "error"));

  useEffect(() => {
    document.title = "Sign in · Sagehen";
    void regionOfPlatform().then((known) => setRegion((typed) => typed || known));
  }, []);

  const signIn = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setRefusal(undefined);
    try {
      const { sessionOfKeys } = await import("./roles");
      const keys = {
        accessKeyId: accessKeyId.trim(),
        secretAccessKey: secretAccessKey.trim(),
        sessionToken: sessionToken.trim() || undefined,
      };
      const session = await sessionOfKeys(keys, region.trim() || "us-east-1");
      useSessions.getState().signIn(session);
    } catch (error) {
      setRefusal(refusalOf(error));
      setBusy(false);
    }
  };

  return (
    <main className="login">
      <form onSubmit={(event) => void signIn(event)}>
        <Form
          header={
            <Header variant="h1" description="An AWS machine-learning stack on your own machine">
              Sagehen
            </Header>
          }
          actions={
            <Button variant="primary" loading={busy} disabled={!accessKeyId || !secretAccessKey}>
              Sign in
            </Button>
          }
        >
          <SpaceBetween size="l">
            {ended?.refusal && !refusal && (
              <Alert type="warning" header={ended.text}>
                <RefusalText of={ended.refusal} />
              </Alert>
            )}
            {refusal && (
              <Alert type="error" header="You could not be signed in">
                <RefusalText of={refusal} />
              </Alert>
            )}
            <Container>
              <SpaceBetween size="m">
                <Box>
                  <Box variant="code">sagehen console</Box> opens this page signed in. Or use an access key,
                  of root, of a user, or of a role:
                </Box>
                <FormField label="Access key ID">
                  <Input
                    value={accessKeyId}
                    onChange={({ detail }) => setAccessKeyId(detail.value)}
                    name="access-key-id"
                    autoFocus
                    autoComplete={false}
                    spellcheck={false}
                  />
                </FormField>
                <FormField label="Secret access key">
                  <Input
                    type="password"
                    value={secretAccessKey}
                    onChange={({ detail }) => setSecretAccessKey(detail.value)}
                    name="secret-access-key"
                    autoComplete={false}
                  />
                </FormField>
                <FormField
                  label="Session token"
                  description="Of temporary credentials: an access key that begins with ASIA"
                >
                  <Input
                    type="password"
                    value={sessionToken}
                    onChange={({ detail }) => setSessionToken(detail.value)}
                    name="session-token"
                    autoComplete={false}
                  />
                </FormField>
                <FormField label="Region">
                  <Input
                    value={region}
                    onChange={({ detail }) => setRegion(detail.value)}
                    name="region"
                    spellcheck={false}
                  />
                </FormField>
                <Box variant="small" color="text-body-secondary">
                  Keys stay in this tab's memory and are gone with it. <Box variant="code">sagehen env</Box>{" "}
                  prints root's.
                </Box>
              </SpaceBetween>
            </Container>
          </SpaceBetween>
        </Form>
      </form>
    </main>
  );
}
