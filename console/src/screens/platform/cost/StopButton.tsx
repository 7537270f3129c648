import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { DeleteModal } from "../../../blocks/modals/DeleteModal";
import type { Item } from "./cost";
import { CONSEQUENCE, stop } from "./stopping";

/** Ends everything that costs something per hour, after that has been typed. */
export function StopButton({ of: items, onDone }: { of: Item[]; onDone: () => void }) {
  const [stopping, setStopping] = useState<Item[]>();
  return (
    <>
      <Button disabled={items.length === 0} onClick={() => setStopping(items)}>
        Stop all
      </Button>
      {stopping && (
        <DeleteModal
          words={{ one: "resource", many: "resources" }}
          items={stopping}
          nameOf={({ name }) => name}
          remove={stop}
          verb="Stop"
          consequence={CONSEQUENCE}
          onClose={() => {
            setStopping(undefined);
            onDone();
          }}
        />
      )}
    </>
  );
}
