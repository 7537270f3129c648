import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { document } from "../../../aws/documents";
import { Ago } from "../../../blocks/Ago";
import { CopyText } from "../../../blocks/CopyText";
import { LiveMark } from "../../../blocks/LiveMark";
import { Page } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { AllowButton } from "./AllowButton";

/** `GET /_sagehen/refusals`, as docs/console.md has it. */
interface Denied {
  at: string;
  times: number;
  principal: { arn: string; kind: string; name: string };
  action: string;
  resource: string;
  message: string;
  statements: unknown[];
  cure: { advice: string; policy?: unknown; attachTo?: { kind: string; name: string } };
}

/** Refusals that are shown: the latest. */
const MOST = 50;

/** Why something was refused in the last hour, and the smallest policy that would allow it. */
export default function RefusalList() {
  const live = useLive(["sagehen", "refusals"], async (signal) => {
    const { refusals } = await document<{ refusals: Denied[] }>("refusals", signal);
    return refusals;
  });
  const refusals = live.data;
  return (
    <Page
      crumbs={[{ text: "Refusals" }]}
      title="Refusals"
      description={
        <>
          What identities of this account were refused in the last hour <LiveMark of={live} />
        </>
      }
      refusal={refusals ? undefined : live.refusal}
    >
      {refusals?.length === 0 && <Box>Nothing was refused: all that was asked was allowed.</Box>}
      {refusals?.slice(0, MOST).map((denied) => (
        <Card
          key={`${denied.principal.arn} ${denied.action} ${denied.resource} ${denied.message}`}
          denied={denied}
        />
      ))}
      {refusals && refusals.length > MOST && <Box>and {refusals.length - MOST} more</Box>}
    </Page>
  );
}

function Card({ denied }: { denied: Denied }) {
  const { action, principal, times, at, message, cure, statements } = denied;
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={
            <>
              {principal.kind} {principal.name}, {times === 1 ? "once" : `${times} times`},{" "}
              <Ago at={new Date(at)} />
            </>
          }
        >
          {action}
        </Header>
      }
    >
      <SpaceBetween size="s">
        <Box>{message}</Box>
        {statements.length > 0 && <Policy title="The statements that denied it" policy={statements} />}
        <Box variant="strong">{cure.advice}</Box>
        {cure.policy !== undefined && (
          <Policy title="The smallest policy that would allow it" policy={cure.policy} />
        )}
        {cure.policy !== undefined && cure.attachTo && (
          <AllowButton action={action} policy={cure.policy} to={cure.attachTo} />
        )}
      </SpaceBetween>
    </Container>
  );
}

function Policy({ title, policy }: { title: string; policy: unknown }) {
  return (
    <CopyText
      text={JSON.stringify(policy, null, 2)}
      about={
        <Box variant="small" color="text-body-secondary">
          {title}
        </Box>
      }
    />
  );
}
