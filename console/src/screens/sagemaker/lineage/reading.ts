import {
  DescribeActionCommand,
  DescribeArtifactCommand,
  DescribeContextCommand,
  DescribeTrialComponentCommand,
  ListArtifactsCommand,
  ListContextsCommand,
  ListTrialComponentsCommand,
  paginateQueryLineage,
  type Vertex,
} from "@aws-sdk/client-sagemaker";
import { sagemaker } from "../client";
import { runs } from "../jobs/states";
import { type Direction, type Edge, type Place, placesOf } from "./graph";
import { partsOfArn, type Sourced } from "./sources";

/** Of each direction: an image had a part in all that ran on it. Two pages of a query. */
export const MOST = 100;

/** An entity of lineage, as it is told of. */
export interface Entity extends Sourced {
  /** `TrainingJob`, `DataSet`, or anybody's word. */
  type: string | undefined;
  status?: string | undefined;
  at?: Date | undefined;
}

/** What a walk in one direction came to. */
export interface Side {
  places: Place[];
  /** Whether there is more than is shown. */
  cut: boolean;
}

export interface Lineage {
  starts: Entity[];
  before: Side;
  after: Side;
  /** By ARN. No Map: what is live is compared, and Maps are all the same to `fast-deep-equal`. */
  entities: Record<string, Entity>;
}

/**
 * What something came from, and what came of it.
 *
 * @param of an entity's ARN, or what one stands for: the ARN of a job, a model package or an endpoint, a URI.
 * @param known what was told before, and is not asked again unless it may change; it is added to.
 */
export async function readLineage(
  of: string,
  known: Map<string, Entity>,
  abortSignal: AbortSignal,
): Promise<Lineage> {
  const starts = await startsOf(of, { abortSignal });
  const vertices = new Map<string, Vertex>(starts.map((arn) => [arn, { Arn: arn }]));
  const side = async (direction: Direction): Promise<Side> => {
    const edges: Edge[] = [];
    let cut = false;
    for (const start of starts) {
      const found = await walked(start, direction, { abortSignal });
      for (const vertex of found.vertices) vertices.set(vertex.Arn ?? "", vertex);
      edges.push(...found.edges);
      cut ||= found.cut;
    }
    return { places: placesOf(starts, edges, direction), cut };
  };
  const [before, after] = await Promise.all([side("Ascendants"), side("Descendants")]);
  const entities = Object.fromEntries(
    await Promise.all(
      [...vertices].map(async ([arn, vertex]) => {
        const entity = known.get(arn) ?? (await described(vertex, { abortSignal }));
        if (entity.at && !runs(entity.status)) known.set(arn, entity);
        return [arn, entity] as const;
      }),
    ),
  );
  return { starts: starts.flatMap((arn) => entities[arn] ?? []), before, after, entities };
}

interface Options {
  abortSignal: AbortSignal;
}

/** The entities that stand for something; it may be one of them itself. */
async function startsOf(of: string, options: Options): Promise<string[]> {
  const kind = partsOfArn(of)?.kind ?? "";
  if (["artifact", "action", "context", "experiment-trial-component"].includes(kind)) return [of];
  if (["training-job", "processing-job", "transform-job"].includes(kind)) {
    const found = await sagemaker().send(new ListTrialComponentsCommand({ SourceArn: of }), options);
    return (found.TrialComponentSummaries ?? []).flatMap((one) => one.TrialComponentArn ?? []);
  }
  if (["endpoint", "model-package-group"].includes(kind)) {
    const found = await sagemaker().send(new ListContextsCommand({ SourceUri: of }), options);
    return (found.ContextSummaries ?? []).flatMap((one) => one.ContextArn ?? []);
  }
  const found = await sagemaker().send(new ListArtifactsCommand({ SourceUri: of }), options);
  return (found.ArtifactSummaries ?? []).flatMap((one) => one.ArtifactArn ?? []);
}

async function walked(start: string, direction: Direction, options: Options) {
  const found: { vertices: Vertex[]; edges: Edge[]; cut: boolean } = { vertices: [], edges: [], cut: false };
  const asked = { StartArns: [start], Direction: direction, IncludeEdges: true, MaxResults: 50 };
  for await (const page of paginateQueryLineage({ client: sagemaker() }, asked, options)) {
    found.vertices.push(...(page.Vertices ?? []));
    found.edges.push(...(page.Edges ?? []));
    found.cut = page.NextToken !== undefined && found.vertices.length >= MOST;
    if (found.cut) break;
  }
  return found;
}

/** An entity with what it stands for; one that may not be seen, or is gone by now, is known by its ARN alone. */
async function described(vertex: Vertex, options: Options): Promise<Entity> {
  const arn = vertex.Arn ?? "";
  try {
    return { arn, ...(await toldOf(arn, options)) };
  } catch (error) {
    if (options.abortSignal.aborted) throw error;
    return { arn, type: vertex.Type };
  }
}

async function toldOf(arn: string, options: Options): Promise<Omit<Entity, "arn">> {
  switch (partsOfArn(arn)?.kind) {
    case "artifact": {
      const one = await sagemaker().send(new DescribeArtifactCommand({ ArtifactArn: arn }), options);
      const { ArtifactName: name, ArtifactType: type, CreationTime: at } = one;
      return { name, type, at, source: one.Source?.SourceUri };
    }
    case "action": {
      const one = await sagemaker().send(new DescribeActionCommand({ ActionName: arn }), options);
      const { ActionName: name, ActionType: type, CreationTime: at } = one;
      const status = one.Properties?.ModelApprovalStatus ?? one.Status;
      return { name, type, at, status, source: one.Source?.SourceUri };
    }
    case "context": {
      const one = await sagemaker().send(new DescribeContextCommand({ ContextName: arn }), options);
      const { ContextName: name, ContextType: type, CreationTime: at } = one;
      return { name, type, at, source: one.Source?.SourceUri };
    }
    default: {
      const one = await sagemaker().send(
        new DescribeTrialComponentCommand({ TrialComponentName: arn }),
        options,
      );
      const { TrialComponentName: name, Source: source, CreationTime: at } = one;
      const type = source?.SourceType?.replace(/^SageMaker/, "");
      return { name, type, at, status: one.Status?.PrimaryStatus, source: source?.SourceArn };
    }
  }
}
