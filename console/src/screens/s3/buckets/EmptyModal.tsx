import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { DeleteModal } from "../../../blocks/modals/DeleteModal";
import { deleteAllVersions } from "../objects/versions";

/** Empties a bucket: every object in it with all versions. */
export function EmptyModal({ bucket, onClose }: { bucket: string; onClose: () => void }) {
  const [gone, setGone] = useState(0);
  return (
    <DeleteModal
      words={{ one: "bucket", many: "buckets" }}
      items={[bucket]}
      nameOf={(name) => name}
      verb="Empty"
      remove={(name) => deleteAllVersions(name, "", setGone)}
      consequence={
        gone > 0 ? (
          <StatusIndicator type="in-progress">{gone} versions have gone</StatusIndicator>
        ) : (
          "All its objects go, with all their versions. Nothing brings them back."
        )
      }
      onClose={onClose}
    />
  );
}
