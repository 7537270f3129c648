import Flashbar from "@cloudscape-design/components/flashbar";
import { RefusalText } from "../blocks/Refused";
import { useNotices } from "./notices";

/** The bar above the page: what was done, and what was refused, in AWS's words. */
export function Notices() {
  const { notices, dismiss } = useNotices();
  return (
    <Flashbar
      items={notices.map(({ id, type, text, refusal }) => ({
        id,
        type,
        header: text,
        content: refusal ? <RefusalText of={refusal} /> : null,
        dismissible: true,
        dismissLabel: "Dismiss",
        onDismiss: () => dismiss(id),
        ariaRole: type === "error" ? "alert" : "status",
      }))}
    />
  );
}
