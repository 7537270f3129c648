import Button from "@cloudscape-design/components/button";
import { useNavigate } from "react-router";
import type { Widget } from "./body";
import { nameOf } from "./properties";

/** Kinds of widgets that are made here. */
export const KINDS = [
  { id: "metric", text: "Graph or numbers" },
  { id: "alarm", text: "Alarms" },
  { id: "log", text: "Logs" },
  { id: "text", text: "Text" },
];

interface Props {
  widget: Widget;
  editing: boolean;
  onEdit: () => void;
  onRemove: () => void;
}

/** A widget's name, and what can be done with it. */
export function WidgetHead({ widget, editing, onEdit, onRemove }: Props) {
  const navigate = useNavigate();
  const name = nameOf(widget);
  if (widget.type === "text" && !editing) return null;
  const metrics = encodeURIComponent(JSON.stringify(widget.properties.metrics ?? []));
  return (
    <header>
      <h2>{name}</h2>
      <span>
        {!editing && widget.type === "metric" && (
          <Button
            variant="icon"
            iconName="zoom-in"
            ariaLabel={`Open ${name} in Metrics`}
            onClick={() => void navigate(`/cloudwatch/metrics?metrics=${metrics}`)}
          />
        )}
        {editing && (
          <>
            <Button
              variant="icon"
              iconName="edit"
              ariaLabel={`Edit ${name}`}
              disabled={!KINDS.some(({ id }) => id === widget.type)}
              onClick={onEdit}
            />
            <Button variant="icon" iconName="remove" ariaLabel={`Remove ${name}`} onClick={onRemove} />
          </>
        )}
      </span>
    </header>
  );
}
