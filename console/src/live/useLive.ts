import { keepPreviousData, type Query, useQuery, useQueryClient } from "@tanstack/react-query";
import equal from "fast-deep-equal";
import { useCallback } from "react";
import { type Refusal, refusalOf } from "../aws/refusal";
import { pauseOf } from "./pause";

/** What a screen shows of the platform: read again and again while the page is seen, so never stale. */
export interface Live<T> {
  data: T | undefined;
  /** Why the last look failed; `data` is then what was seen before. */
  refusal: Refusal | undefined;
  /** Nothing is known yet. */
  loading: boolean;
  /** When `data` was last seen to be true, in milliseconds since 1970; 0 for never. */
  seenAt: number;
  refresh: () => void;
}

interface Options<T> {
  /** Whether something in `data` is on its way to another state, so that it is worth a closer look. */
  changing?: (data: T) => boolean;
  enabled?: boolean;
  /** Whether what another key told is shown until this one's answer is there: another version of the same thing. */
  keep?: boolean;
}

// Since when each query's data are as they are. Queries are few and end with their pages.
const changes = new WeakMap<object, { data: unknown; at: number }>();

function unchangedFor(query: object, data: unknown, now: number): number {
  const known = changes.get(query);
  if (known && known.data === data) return now - known.at;
  changes.set(query, { data, at: now });
  return 0;
}

/**
 * Reads something and keeps it true.
 *
 * @param key names it: the same key is read once for all that show it, and `refreshAll` begins with its first words.
 */
export function useLive<T>(
  key: readonly unknown[],
  read: (signal: AbortSignal) => Promise<T>,
  options: Options<T> = {},
): Live<T> {
  const queries = useQueryClient();
  const query = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => read(signal),
    enabled: options.enabled ?? true,
    ...(options.keep ? { placeholderData: keepPreviousData } : {}),
    structuralSharing: (before, after) => (equal(before, after) ? before : after),
    refetchInterval: (state: Query<T, Error, T, readonly unknown[]>) => {
      const { data, errorUpdateCount, errorUpdatedAt, dataUpdatedAt, status } = state.state;
      // What was never seen has no last time; each failure then makes the pause longer.
      const failing = dataUpdatedAt ? errorUpdatedAt - dataUpdatedAt : 1_000 * errorUpdateCount ** 2;
      const changing = data !== undefined && (options.changing?.(data) ?? false);
      return pauseOf(unchangedFor(state, data, Date.now()), changing, status === "error" ? failing : 0);
    },
  });
  const refresh = useCallback(
    () => void queries.invalidateQueries({ queryKey: key.slice(0, 2) }),
    [queries, key],
  );
  return {
    data: query.data as T | undefined,
    refusal: query.error ? refusalOf(query.error) : undefined,
    loading: query.isPending && (options.enabled ?? true),
    seenAt: query.dataUpdatedAt,
    refresh,
  };
}
