/** JSON with line breaks; what is no JSON, as it is. */
export function pretty(text: string): { text: string; json: unknown } {
  try {
    const json: unknown = JSON.parse(text);
    return { text: JSON.stringify(json, null, 2), json };
  } catch {
    return { text, json: undefined };
  }
}
