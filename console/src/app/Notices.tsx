import Flashbar from "@cloudscape-design/components/flashbar";
import { useEffect } from "react";
import { useLocation } from "react-router";
import { RefusalText } from "../blocks/Refused";
import { placeOf, useNotices } from "./notices";

/** The bar above the page: what was done, and what was refused, in AWS's words. */
export function Notices() {
  const { notices, dismiss, arrive } = useNotices();
  const place = placeOf(useLocation());
  useEffect(() => arrive(place), [arrive, place]);
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
