import Box from "@cloudscape-design/components/box";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { Commands } from "../../../blocks/Commands";
import { bytes } from "../../../blocks/formats/amounts";
import { pretty } from "../../../blocks/formats/pretty";
import { type ClassScore, classesIn, MOST_SHOWN } from "./answers";
import type { Parts } from "./timing";
import type { Tried } from "./useInvocation";

/** What an endpoint said: bars of classes where there are any, and the words as they came. */
export function Answer({ tried, endpoint }: { tried: Tried; endpoint: string }) {
  const { text, json } = pretty(tried.answer.slice(0, MOST_SHOWN));
  const classes = classesIn(json);
  return (
    <SpaceBetween size="m">
      {tried.image && <img className="tried" src={tried.image} alt={tried.name} />}
      <SpaceBetween direction="horizontal" size="l">
        <div>
          <Box variant="awsui-key-label">Round trip</Box>
          <Box fontSize="heading-l" fontWeight="bold">
            {tried.milliseconds.toFixed(0)} ms
          </Box>
        </div>
        <div>
          <Box variant="awsui-key-label">Variant</Box>
          {tried.variant ?? "–"}
        </div>
        <div>
          <Box variant="awsui-key-label">Sent, received</Box>
          {bytes(tried.sent)}, {bytes(tried.received)}
        </div>
      </SpaceBetween>
      {tried.parts && <Latency parts={tried.parts} />}
      {classes.length > 0 && <Bars classes={classes} />}
      <ExpandableSection headerText="As it came" defaultExpanded={classes.length === 0}>
        <pre className="text">{text || "(nothing)"}</pre>
      </ExpandableSection>
      <Commands
        client="SageMakerRuntime"
        operation="InvokeEndpoint"
        input={{
          EndpointName: endpoint,
          ContentType: tried.contentType,
          Body: new Uint8Array(),
          ...(tried.component ? { InferenceComponentName: tried.component } : {}),
        }}
      />
    </SpaceBetween>
  );
}

function Latency({ parts }: { parts: Parts }) {
  const shown = [
    { id: "client", name: "browser and wire", of: parts.client },
    { id: "init", name: "overhead", of: parts.overhead },
    { id: "run", name: "model", of: parts.model },
  ];
  return (
    <div className="parts" role="img" aria-label={shown.map(wordsOf).join(", ")}>
      {shown.map((part) => (
        <div key={part.id} className={part.id} style={{ flexGrow: Math.max(part.of, 0.01) }}>
          {wordsOf(part)}
        </div>
      ))}
    </div>
  );
}

const wordsOf = ({ name, of }: { name: string; of: number }) =>
  `${name} ${of.toFixed(of < 1 ? 2 : of < 10 ? 1 : 0)} ms`;

function Bars({ classes }: { classes: ClassScore[] }) {
  const largest = Math.max(...classes.map(({ score }) => Math.abs(score)), Number.MIN_VALUE);
  const shares = classes.every(({ score }) => score >= 0 && score <= 1);
  return (
    <ol className="bars" aria-label="Classes">
      {classes.map(({ label, score }) => (
        <li key={label}>
          <span className="label">{label}</span>
          <span className="bar">
            <span style={{ inlineSize: `${(Math.abs(score) / (shares ? 1 : largest)) * 100}%` }} />
          </span>
          <span className="score">{shares ? `${(score * 100).toFixed(1)} %` : score.toPrecision(4)}</span>
        </li>
      ))}
    </ol>
  );
}
