import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useEffect, useRef, useState } from "react";
import { document } from "../../../aws/documents";
import { type Refusal, refusalOf } from "../../../aws/refusal";
import { CopyText } from "../../../blocks/CopyText";
import { Page } from "../../../blocks/Page";
import { Refused } from "../../../blocks/Refused";
import type { Found } from "./found";
import { Outcome } from "./Outcome";
import { PlanForm } from "./PlanForm";
import { FIRST, planOf, type Site } from "./plan";

/** Traffic that comes on a virtual clock: which settings hold, and what they cost, before anybody pays for them. */
export default function RehearsalPage() {
  const [wish, setWish] = useState(FIRST);
  const [found, setFound] = useState<{ of: Site; found: Found }>();
  const [refusal, setRefusal] = useState<Refusal>();
  const [busy, setBusy] = useState(false);
  const going = useRef<AbortController>(undefined);
  useEffect(() => () => going.current?.abort(), []);

  const rehearse = async () => {
    going.current?.abort();
    const controller = new AbortController();
    going.current = controller;
    setBusy(true);
    setRefusal(undefined);
    try {
      const query = { plan: JSON.stringify(planOf(wish)) };
      setFound({ of: wish.site, found: await document<Found>("rehearsal", controller.signal, query) });
    } catch (error) {
      if (!controller.signal.aborted) setRefusal(refusalOf(error));
    }
    if (!controller.signal.aborted) setBusy(false);
  };

  return (
    <Page
      crumbs={[{ text: "Rehearsal" }]}
      title="Rehearsal"
      description="A day of traffic in seconds. Alarms, policies, cooldowns, routing and throttles are decided by the platform's own code; only requests and instances are imagined."
    >
      <PlanForm wish={wish} onChange={setWish} />
      <SpaceBetween direction="horizontal" size="m" alignItems="center">
        <Button variant="primary" loading={busy} onClick={() => void rehearse()}>
          Rehearse
        </Button>
        <Box color="text-body-secondary">
          {wish.candidates.length > 0
            ? "Compares the settings above."
            : "Without settings to compare it searches for the cheapest that meet the objective, for up to a minute."}
        </Box>
      </SpaceBetween>
      <Refused of={refusal} />
      {found && <Outcome found={found.found} noun={found.of === "endpoint" ? "instances" : "environments"} />}
      <ExpandableSection headerText="As a plan for sagehen rehearse">
        <CopyText text={JSON.stringify(planOf(wish), null, 2)} />
      </ExpandableSection>
    </Page>
  );
}
