import { CloudWatchLogsClient, paginateDescribeLogGroups } from "@aws-sdk/client-cloudwatch-logs";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Multiselect from "@cloudscape-design/components/multiselect";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { aws } from "../../../../aws/client";
import { collect } from "../../../../aws/collect";
import { bytes } from "../../../../blocks/formats/amounts";
import { colorOf } from "../../../../blocks/graph/colors";
import { Graph } from "../../../../blocks/graph/Graph";
import { RangePicker } from "../../../../blocks/graph/RangePicker";
import type { Range } from "../../../../blocks/graph/range";
import { Page } from "../../../../blocks/Page";
import { Refused } from "../../../../blocks/Refused";
import { useLive } from "../../../../live/useLive";
import { Results } from "./Results";
import { Saved } from "./Saved";
import { FIRST_QUERY, SAMPLES } from "./samples";
import { type Run, useQuery } from "./useQuery";

/** Questions to logs: groups, a time, a query; what is found as rows, and over time. */
export default function InsightsPage() {
  const [search] = useSearchParams();
  const [groups, setGroups] = useState<string[]>(search.getAll("group"));
  const [query, setQuery] = useState(search.get("query") ?? FIRST_QUERY);
  const [range, setRange] = useState<Range>({ minutes: 60 });
  const { run, start, stop } = useQuery();
  const known = useLive(["logs", "groups"], () =>
    collect(paginateDescribeLogGroups({ client: aws(CloudWatchLogsClient) }, {}), (page) => page.logGroups),
  );
  const ready = groups.length > 0 && query.trim() !== "";
  const begin = () => {
    if (ready) void start(groups, query, range);
  };
  return (
    <Page
      crumbs={[{ text: "CloudWatch", to: "/cloudwatch" }, { text: "Logs Insights" }]}
      title="Logs Insights"
      description="Questions to what was printed: members of JSON lines are fields by themselves."
    >
      <Container>
        <SpaceBetween size="m">
          <Refused of={known.refusal} />
          <FormField label="Log groups" description="50 at most." stretch>
            <Multiselect
              options={(known.data ?? []).map(({ logGroupName: value = "" }) => ({ value, label: value }))}
              selectedOptions={groups.map((group) => ({ value: group, label: group }))}
              onChange={({ detail }) => setGroups(detail.selectedOptions.map(({ value = "" }) => value))}
              filteringType="auto"
              placeholder="Choose log groups"
              empty="Jobs, endpoints and functions make theirs when they first say something."
            />
          </FormField>
          <FormField label="Query" description="Ctrl + Enter runs it." stretch>
            {/* biome-ignore lint/a11y/noStaticElementInteractions: keys of the field within */}
            <div onKeyDown={(event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && begin()}>
              <Textarea
                value={query}
                rows={6}
                onChange={({ detail }) => setQuery(detail.value)}
                spellcheck={false}
                placeholder={FIRST_QUERY}
              />
            </div>
          </FormField>
          <SpaceBetween direction="horizontal" size="s">
            <RangePicker range={range} onChange={setRange} />
            <Button variant="primary" disabled={!ready} loading={run?.busy ?? false} onClick={begin}>
              Run
            </Button>
            <Button disabled={!run?.busy} onClick={stop}>
              Cancel
            </Button>
            <Select
              selectedOption={null}
              placeholder="Examples"
              ariaLabel="Examples"
              options={SAMPLES.map(({ label, query: value }) => ({ label, value, description: value }))}
              onChange={({ detail }) => setQuery(detail.selectedOption.value ?? query)}
              expandToViewport
            />
          </SpaceBetween>
        </SpaceBetween>
      </Container>
      {run && <Outcome run={run} again={begin} />}
      <Saved
        groups={groups}
        query={query}
        onTake={({ queryString, logGroupNames }) => {
          setQuery(queryString ?? "");
          if (logGroupNames?.length) setGroups(logGroupNames);
        }}
      />
    </Page>
  );
}

function Outcome({ run, again }: { run: Run; again: () => void }) {
  const { answer, refusal, series, counts, from, until } = run;
  return (
    <SpaceBetween size="m">
      <Refused of={refusal} />
      {answer && <Progress run={run} />}
      {series.length > 0 && (
        <Container header={<Header variant="h2">{counts ? "Lines over time" : "Over time"}</Header>}>
          <Graph
            label={counts ? "Lines over time" : "Over time"}
            lines={series.map(({ title, points }, place) => ({
              id: title,
              title,
              color: colorOf(place),
              side: "left",
              points,
            }))}
            from={from}
            until={until}
            height={180}
            bars={counts}
            empty=""
          />
        </Container>
      )}
      {answer && <Results answer={answer} again={again} />}
    </SpaceBetween>
  );
}

function Progress({ run: { answer, busy } }: { run: Run }) {
  const { recordsScanned = 0, recordsMatched = 0, bytesScanned = 0 } = answer?.statistics ?? {};
  const ended = !busy || answer?.status === "Complete";
  const type = !ended ? "in-progress" : answer?.status === "Complete" ? "success" : "stopped";
  return (
    <Box aria-live="polite">
      <StatusIndicator type={type}>
        {ended && answer?.status !== "Complete" ? "Cancelled: " : ""}
        {recordsMatched.toLocaleString("en")} of {recordsScanned.toLocaleString("en")} lines match;{" "}
        {bytes(bytesScanned)} looked through
      </StatusIndicator>
    </Box>
  );
}
