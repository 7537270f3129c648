/** A step of a definition, as the picture needs it. */
export interface StepNode {
  name: string;
  type: string;
  /** What it waits for. */
  needs: string[];
  /** How far down it stands: below all that it needs. */
  layer: number;
}

/** A parameter of a definition, as the form needs it. */
export interface Parameter {
  Name: string;
  Type: string;
  DefaultValue?: string | number | boolean;
  EnumValues?: (string | number)[];
}

interface Written {
  Name: string;
  Type: string;
  DependsOn?: string[];
  Arguments?: { IfSteps?: Written[]; ElseSteps?: Written[]; Conditions?: unknown };
}

interface Definition {
  Steps: Written[];
  Parameters?: Parameter[];
}

/** A definition's text, read; nothing of it where it is none. */
export function read(text: string | undefined): Definition {
  try {
    return JSON.parse(text ?? "") as Definition;
  } catch {
    return { Steps: [] };
  }
}

/** The steps of a definition, those of branches too, each with its place. */
export function nodesOf(definition: Definition): StepNode[] {
  const found: StepNode[] = [];
  const add = (step: Written, parent?: string) => {
    const own = step.Type === "Condition" ? step.Arguments?.Conditions : step.Arguments;
    const needs = new Set([...(step.DependsOn ?? []), ...referred(own), ...(parent ? [parent] : [])]);
    found.push({ name: step.Name, type: step.Type, needs: [...needs], layer: 0 });
    if (step.Type !== "Condition") return;
    for (const inner of [...(step.Arguments?.IfSteps ?? []), ...(step.Arguments?.ElseSteps ?? [])])
      add(inner, step.Name);
  };
  for (const step of definition.Steps) add(step);
  place(found);
  return found;
}

/** What a step waits for directly: without what one of the others waits for already. */
export function direct(nodes: StepNode[], node: StepNode): string[] {
  const by = new Map(nodes.map((one) => [one.name, one]));
  const implied = new Set<string>();
  const add = (name: string) => {
    for (const need of by.get(name)?.needs ?? []) {
      if (implied.has(need)) continue;
      implied.add(need);
      add(need);
    }
  };
  for (const need of node.needs) add(need);
  return node.needs.filter((need) => !implied.has(need));
}

/** The steps that an argument refers to: `{"Get": "Steps.NAME.…"}`, wherever it stands. */
function referred(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(referred);
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) => {
    const name = key === "Get" && typeof value === "string" ? /^Steps\.([^.[]+)/.exec(value)?.[1] : undefined;
    return name ? [name] : referred(value);
  });
}

/** Definitions have no circles: so many rounds as there are steps are enough for any. */
function place(nodes: StepNode[]) {
  const by = new Map(nodes.map((node) => [node.name, node]));
  for (let round = 0; round < nodes.length; round += 1) {
    let moved = false;
    for (const node of nodes) {
      const layer = Math.max(0, ...node.needs.map((need) => (by.get(need)?.layer ?? -1) + 1));
      moved ||= layer !== node.layer;
      node.layer = layer;
    }
    if (!moved) return;
  }
}
