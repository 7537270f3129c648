import equal from "fast-deep-equal";
import { create } from "zustand";

/** One call to AWS's API, as often as a page has made it. */
export interface Call {
  /** As the AWS CLI names the service: `sagemaker`, `s3api`, `logs`. */
  client: string;
  operation: string;
  input: Record<string, unknown>;
  times: number;
  milliseconds: number;
  /** AWS's error code, if the last one was refused. */
  refused?: string | undefined;
  /** The address of the page that made it. */
  page: string;
  at: number;
}

/** More than a page ever asks; the oldest go first. */
const MOST_CALLS = 60;

interface Calls {
  calls: Call[];
  record(call: Omit<Call, "times" | "at">): void;
}

const same = (a: Omit<Call, "times" | "at">, b: Call) =>
  a.page === b.page && a.client === b.client && a.operation === b.operation && equal(a.input, b.input);

/** Stands for what was sent: an upload's parts are megabytes, and a list of calls must not keep them. */
const BODY = new Uint8Array();

/** A call's input as it is shown: with `BODY` for bytes, however deep (`Code.ZipFile`). */
export function withoutBodies(value: unknown): unknown {
  if (value instanceof Blob || ArrayBuffer.isView(value) || value instanceof ReadableStream) return BODY;
  if (Array.isArray(value)) return value.map(withoutBodies);
  if (value === null || typeof value !== "object" || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withoutBodies(member)]));
}

/** What the console asks of AWS, page by page: shown as commands, since all it does can be done without it. */
export const useCalls = create<Calls>((set, get) => ({
  calls: [],
  record: (call) => {
    const { calls } = get();
    const before = calls.find((known) => same(call, known));
    const others = before ? calls.filter((known) => known !== before) : calls;
    const times = (before?.times ?? 0) + 1;
    set({ calls: [...others, { ...call, times, at: Date.now() }].slice(-MOST_CALLS) });
  },
}));

type Handler = (args: { input: Record<string, unknown> }) => Promise<{ output: object }>;
interface Context {
  clientName?: string;
  commandName?: string;
}
interface Stack {
  add(middleware: (next: Handler, context: Context) => Handler, place: object): void;
}

/** Records each call of a client, and takes `$metadata` out of sight of comparisons: its request id is never the same. */
export function watchCalls(client: unknown): void {
  const { middlewareStack } = client as { middlewareStack: Stack };
  const watch = (next: Handler, context: Context): Handler => {
    return async (args) => {
      const began = performance.now();
      const call = {
        client: (context.clientName ?? "").replace(/Client$/, ""),
        operation: (context.commandName ?? "").replace(/Command$/, ""),
        input: withoutBodies(args.input) as Record<string, unknown>,
        page: window.location.pathname,
      };
      const end = (refused?: string) =>
        useCalls.getState().record({ ...call, refused, milliseconds: performance.now() - began });
      try {
        const result = await next(args);
        end();
        hideMetadata(result.output);
        return result;
      } catch (error) {
        end((error as Error).name);
        throw error;
      }
    };
  };
  middlewareStack.add(watch, { step: "initialize", name: "watchCalls", priority: "high" });
}

function hideMetadata(output: object): void {
  if ("$metadata" in output)
    Object.defineProperty(output, "$metadata", {
      value: output.$metadata,
      enumerable: false,
      writable: true,
    });
}
