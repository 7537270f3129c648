import type { ScalingActivity } from "@aws-sdk/client-application-auto-scaling";
import { Ago } from "../../../blocks/Ago";
import type { Column } from "../../../blocks/list/columns";
import { Status } from "../../../blocks/Status";
import { notScaled } from "./words";

/** What was decided about a target, and why; also where nothing was scaled. */
export const DECISIONS: Column<ScalingActivity>[] = [
  {
    id: "at",
    header: "When",
    value: (activity) => activity.StartTime,
    cell: (activity) => <Ago at={activity.StartTime} />,
    width: 130,
  },
  {
    id: "status",
    header: "Status",
    value: (activity) => (activity.NotScaledReasons?.length ? "Not scaled" : activity.StatusCode),
    cell: (activity) =>
      activity.NotScaledReasons?.length ? "Not scaled" : <Status of={activity.StatusCode} />,
    width: 150,
  },
  { id: "what", header: "What", value: (activity) => activity.Description, width: 300 },
  { id: "why", header: "Why", value: (activity) => activity.Cause, width: 380 },
  {
    id: "not",
    header: "Nothing was scaled, since",
    value: ({ NotScaledReasons }) => notScaled(NotScaledReasons),
    width: 260,
  },
  { id: "how", header: "How it went", value: (activity) => activity.StatusMessage, width: 380, hidden: true },
];

export const decisionId = (activity: ScalingActivity) => activity.ActivityId ?? "";
