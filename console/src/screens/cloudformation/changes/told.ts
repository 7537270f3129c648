import type { ResourceChange } from "@aws-sdk/client-cloudformation";

/** `Modify` with `Replacement: True` → `Replace`: what people have to look out for. */
export function told({ Action, Replacement }: Pick<ResourceChange, "Action" | "Replacement">): string {
  if (Action !== "Modify") return Action ?? "–";
  if (Replacement === "True") return "Replace";
  return Replacement === "Conditional" ? "Perhaps replace" : "Modify";
}
