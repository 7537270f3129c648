import Button from "@cloudscape-design/components/button";
import Tabs from "@cloudscape-design/components/tabs";
import { useNavigate, useParams } from "react-router";
import { StreamLog } from "../../../blocks/log/StreamLog";
import { useStreams } from "../../../blocks/log/useStreams";
import { Page } from "../../../blocks/Page";
import { MetricFilters } from "./filters/MetricFilters";
import { Subscriptions } from "./filters/Subscriptions";
import { Search } from "./Search";
import { Tail } from "./Tail";

/** One log group: a stream as it comes, and a search over all. */
export default function GroupPage() {
  const { group = "" } = useParams();
  const navigate = useNavigate();
  const streams = useStreams(group, "");
  return (
    <Page
      crumbs={[
        { text: "CloudWatch", to: "/cloudwatch" },
        { text: "Log groups", to: "/cloudwatch/log-groups" },
        { text: group },
      ]}
      title={group}
      actions={
        <Button onClick={() => void navigate(`/cloudwatch/insights?group=${encodeURIComponent(group)}`)}>
          Ask by Logs Insights
        </Button>
      }
      refusal={streams.data ? undefined : streams.refusal}
    >
      <Tabs
        ariaLabel="About the log group"
        tabs={[
          {
            id: "streams",
            label: "Streams, live",
            content: (
              <StreamLog
                group={group}
                streams={streams.data ?? []}
                labelOf={(stream) => stream}
                empty="Nothing has been said here yet."
              />
            ),
          },
          { id: "tail", label: "Live tail", content: <Tail key={group} group={group} /> },
          { id: "search", label: "Search", content: <Search key={group} group={group} /> },
          { id: "filters", label: "Metric filters", content: <MetricFilters key={group} group={group} /> },
          {
            id: "subscriptions",
            label: "Subscriptions",
            content: <Subscriptions key={group} group={group} />,
          },
        ]}
      />
    </Page>
  );
}
