/** A step of a definition, as the picture needs it. */
export interface StepNode {
  name: string;
  type: string;
  /** What it waits for. */
  needs: string[];
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

/** The steps of a definition, those of branches too. */
export function nodesOf(definition: Definition): StepNode[] {
  const found: StepNode[] = [];
  const add = (step: Written, parent?: string) => {
    const own = step.Type === "Condition" ? step.Arguments?.Conditions : step.Arguments;
    const needs = new Set([...(step.DependsOn ?? []), ...referred(own), ...(parent ? [parent] : [])]);
    found.push({ name: step.Name, type: step.Type, needs: [...needs] });
    if (step.Type !== "Condition") return;
    for (const inner of [...(step.Arguments?.IfSteps ?? []), ...(step.Arguments?.ElseSteps ?? [])])
      add(inner, step.Name);
  };
  for (const step of definition.Steps) add(step);
  return found;
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
