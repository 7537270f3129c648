/** Where the time of one answer went, in milliseconds. */
export interface Parts {
  model: number;
  overhead: number;
  client: number;
}

/**
 * Splits a round trip by what the platform says in headers of its own: `x-sagehen-model-ms` is what ModelLatency will have
 * of this request, `x-sagehen-overhead-ms` OverheadLatency; the rest is the browser's and the wire's. Nothing without them.
 */
export function partsOf(roundTrip: number, headers: Record<string, string>): Parts | undefined {
  const [model, overhead] = ["x-sagehen-model-ms", "x-sagehen-overhead-ms"].map((name) =>
    Number.parseFloat(headers[name] ?? ""),
  ) as [number, number];
  if (!Number.isFinite(model) || !Number.isFinite(overhead)) return undefined;
  return { model, overhead, client: Math.max(0, roundTrip - model - overhead) };
}
