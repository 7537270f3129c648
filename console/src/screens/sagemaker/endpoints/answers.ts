export interface ClassScore {
  label: string;
  /** As the model gave it; between 0 and 1 where it is a probability. */
  score: number;
}

/** Bars that are drawn: more says less. */
const MOST_BARS = 10;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const LABELS = ["class", "label", "name", "className", "class_name"];
const SCORES = ["probability", "score", "confidence", "prob", "value"];

function oneOf(value: Record<string, unknown>): ClassScore | undefined {
  const label = LABELS.map((key) => value[key]).find((found) => ["string", "number"].includes(typeof found));
  const score = SCORES.map((key) => value[key]).find((found) => typeof found === "number");
  return label === undefined || score === undefined
    ? undefined
    : { label: String(label), score: score as number };
}

function listOf(values: unknown[]): ClassScore[] {
  if (values.length > 0 && values.every((value) => typeof value === "number"))
    return values.map((score, index) => ({ label: String(index), score: score as number }));
  const found = values.filter(isRecord).map(oneOf);
  return found.every((one) => one !== undefined) ? (found as ClassScore[]) : [];
}

/**
 * Reads classes with their scores out of a model's answer, in the forms that classifiers have: `{"predictions": [{"top":
 * […]}]}`, `[{"label": …, "score": …}]`, `{"cat": 0.9, "dog": 0.1}`, a row of numbers. Nothing in any other.
 */
export function classesIn(answer: unknown): ClassScore[] {
  return search(answer, 0)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, MOST_BARS);
}

function search(answer: unknown, depth: number): ClassScore[] {
  if (depth > 4) return [];
  if (Array.isArray(answer)) {
    // A batch of one: its only member is the answer.
    if (answer.length === 1 && typeof answer[0] === "object") {
      const inner = search(answer[0], depth + 1);
      if (inner.length > 0) return inner;
    }
    return listOf(answer);
  }
  if (!isRecord(answer)) return [];
  for (const key of [
    "top",
    "predictions",
    "classes",
    "scores",
    "probabilities",
    "outputs",
    "results",
    "body",
  ]) {
    const inner = search(answer[key], depth + 1);
    if (inner.length > 0) return inner;
  }
  const one = oneOf(answer);
  if (one) return [one];
  const entries = Object.entries(answer);
  return entries.length > 1 && entries.every(([, value]) => typeof value === "number")
    ? entries.map(([label, score]) => ({ label, score: score as number }))
    : [];
}

/** The longest answer that is drawn and shown; a larger one is offered as a file. */
export const MOST_SHOWN = 100_000;
