import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import type { ReactNode } from "react";

/** Names and values beside one another; what has no value shows a dash. */
export function KeyValues({ of, columns = 3 }: { of: Record<string, ReactNode>; columns?: number }) {
  return (
    <KeyValuePairs
      columns={columns}
      items={Object.entries(of).map(([label, value]) => ({ label, value: value ?? "–" }))}
    />
  );
}
