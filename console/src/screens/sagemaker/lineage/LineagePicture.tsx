import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import { type Box, LayerGraph } from "../../../blocks/layers/LayerGraph";
import { inWords } from "../../../blocks/Status";
import { needsOf } from "./graph";
import type { Lineage } from "./reading";
import { namedBy } from "./sources";

/** Of each direction: more is no picture. */
const MOST = 20;
const START = "#0972d3";
const OTHER = "#8d99a8";

/** The nearest relatives: what follows what, from top to bottom. */
export function LineagePicture({ of }: { of: Lineage }) {
  const [before, after] = [of.before.places.slice(0, MOST), of.after.places.slice(0, MOST)];
  const left = of.before.places.length + of.after.places.length - before.length - after.length;
  const starts = of.starts.map(({ arn }) => arn);
  const boxes = [...needsOf(starts, before, after)].map(([arn, needs]): Box => {
    const entity = of.entities[arn] ?? { arn, type: undefined };
    const what = inWords(entity.type ?? "Entity");
    return {
      name: arn,
      needs,
      title: namedBy(entity).text,
      note: entity.status ? `${what} · ${inWords(entity.status)}` : what,
      color: starts.includes(arn) ? START : OTHER,
    };
  });
  return (
    <Container
      header={
        <Header variant="h2" description={left > 0 ? `The nearest; ${left} more are below.` : undefined}>
          What follows what
        </Header>
      }
    >
      <LayerGraph label="What follows what" boxes={boxes} />
    </Container>
  );
}
