import { useMemo } from "react";
import { type Box, LayerGraph } from "../../../blocks/layers/LayerGraph";
import { kindOf } from "../../../blocks/Status";
import { nodesOf, read } from "./steps";

const STOPPED = "#5f6b7a";
const COLORS: Record<string, string> = {
  success: "var(--color-text-status-success-lzttmy, #037f0c)",
  error: "var(--color-text-status-error-7uhfqn, #d91515)",
  "in-progress": "#0972d3",
  stopped: STOPPED,
};

interface Props {
  definition: string | undefined;
  /** Step -> its status; those that did not begin have none. */
  statuses?: Record<string, string | undefined>;
}

/** A pipeline as a picture: what follows what, and how far an execution is. */
export function StepGraph({ definition, statuses = {} }: Props) {
  const nodes = useMemo(() => nodesOf(read(definition)), [definition]);
  const boxes = nodes.map(({ name, type, needs }): Box => {
    const status = statuses[name];
    const color = status && (COLORS[kindOf(status)] ?? STOPPED);
    return { name, needs, title: name, note: status ? `${type} · ${status}` : type, color };
  });
  return <LayerGraph label="The pipeline's steps" boxes={boxes} />;
}
