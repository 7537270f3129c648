import Alert from "@cloudscape-design/components/alert";
import Container from "@cloudscape-design/components/container";
import { useMemo } from "react";
import { useParams } from "react-router";
import { Ago } from "../../../blocks/Ago";
import { KeyValues } from "../../../blocks/KeyValues";
import { LiveMark } from "../../../blocks/LiveMark";
import { Page } from "../../../blocks/Page";
import { inWords, Status } from "../../../blocks/Status";
import { useLive } from "../../../live/useLive";
import { runs } from "../jobs/states";
import { LineagePicture } from "./LineagePicture";
import { Related } from "./Related";
import { type Entity, readLineage } from "./reading";
import { SourceLink } from "./SourceLink";
import { namedBy } from "./sources";

/** What something came from, and what came of it: data, images, jobs, models, versions, endpoints. */
export default function LineagePage() {
  const { of = "" } = useParams();
  const known = useMemo(() => new Map<string, Entity>(), []);
  const live = useLive(["sagemaker", "lineage", of], (signal) => readLineage(of, known, signal), {
    changing: ({ starts }) => starts.some(({ status }) => runs(status)),
  });
  const starts = live.data?.starts;
  const found = starts?.length ? live.data : undefined;
  const title = `Lineage of ${namedBy(starts?.[0] ?? { arn: of, source: of }).text}`;
  return (
    <Page
      crumbs={[{ text: "SageMaker", to: "/sagemaker" }, { text: title }]}
      title={title}
      description={<LiveMark of={live} />}
      refusal={live.data ? undefined : live.refusal}
    >
      {starts?.map((start) => (
        <Container key={start.arn}>
          <KeyValues
            columns={4}
            of={{
              What: inWords(start.type ?? "Entity"),
              Which: <SourceLink of={start} />,
              Status: start.status && <Status of={start.status} />,
              Recorded: <Ago at={start.at} />,
            }}
          />
        </Container>
      ))}
      {starts?.length === 0 && (
        <Alert type="info" header="Nothing is recorded of it">
          Jobs, model packages and endpoints are, as they are made, with what they read, write and deploy.
        </Alert>
      )}
      {found && <LineagePicture of={found} />}
      {found && (
        <Related
          id="before"
          words={{ one: "source", many: "sources" }}
          about="What it came from, the nearest first."
          none="It came from nothing that is recorded."
          live={live}
          side={({ before }) => before}
        />
      )}
      {found && (
        <Related
          id="after"
          words={{ one: "outcome", many: "outcomes" }}
          about="What came of it, the nearest first."
          none="Nothing came of it yet."
          live={live}
          side={({ after }) => after}
        />
      )}
    </Page>
  );
}
