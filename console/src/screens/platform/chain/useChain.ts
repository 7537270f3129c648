import { document } from "../../../aws/documents";
import { type Live, useLive } from "../../../live/useLive";
import type { Chain } from "./chain";

/** The chain as it is; the time at which it was looked at is left out, or it would never be the same. */
export function useChain(): Live<Chain> {
  return useLive(
    ["sagehen", "chain"],
    async (signal) => {
      const { nodes, links, hidden, cut } = await document<Chain>("chain", signal);
      return { nodes, links, hidden, cut };
    },
    { changing: ({ nodes }) => nodes.some((node) => node.health === "busy" || (node.perSecond ?? 0) > 0) },
  );
}
