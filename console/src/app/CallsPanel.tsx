import Box from "@cloudscape-design/components/box";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import SplitPanel from "@cloudscape-design/components/split-panel";
import { useState } from "react";
import { useLocation } from "react-router";
import { type Call, useCalls } from "../aws/calls";
import { CopyText } from "../blocks/CopyText";
import { boto3Of } from "../equivalents/boto3";
import { cliOf } from "../equivalents/cli";
import { BASE } from "./links";
import { remember, remembered } from "./remembered";

type Language = "cli" | "boto3";

/** All that this page has asked of AWS, as what one would type instead. */
export default function CallsPanel() {
  const [language, setLanguage] = useState<Language>(() => remembered<Language>("language", "cli"));
  const { pathname } = useLocation();
  const calls = useCalls((state) => state.calls)
    .filter((call) => call.page === (BASE + pathname).replace(/\/$/, "") || call.page === BASE + pathname)
    .toReversed();
  return (
    <SplitPanel
      header="This page, as commands"
      hidePreferencesButton
      headerActions={
        <SegmentedControl
          label="Language"
          selectedId={language}
          onChange={({ detail }) => {
            setLanguage(detail.selectedId as Language);
            remember("language", detail.selectedId);
          }}
          options={[
            { id: "cli", text: "aws CLI" },
            { id: "boto3", text: "boto3" },
          ]}
        />
      }
    >
      <SpaceBetween size="s">
        <Box color="text-body-secondary" variant="small">
          In a shell that has seen <Box variant="code">eval "$(sagehen env)"</Box>, and unchanged on AWS.
        </Box>
        {calls.map((call) => (
          <Command key={`${call.operation} ${call.at}`} call={call} language={language} />
        ))}
        {calls.length === 0 && <Box>This page has asked nothing yet.</Box>}
      </SpaceBetween>
    </SplitPanel>
  );
}

function Command({ call, language }: { call: Call; language: Language }) {
  const text = (language === "cli" ? cliOf : boto3Of)(call.client, call.operation, call.input);
  const how = [
    call.operation,
    call.refused ?? `${call.milliseconds.toFixed(0)} ms`,
    call.times > 1 ? `${call.times} times` : "",
  ];
  return (
    <CopyText
      text={text}
      about={
        <Box variant="small" color={call.refused ? "text-status-error" : "text-body-secondary"}>
          {how.filter(Boolean).join(" · ")}
        </Box>
      }
    />
  );
}
