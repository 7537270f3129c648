import { service } from "../service";

export default service({
  name: "CloudWatch",
  path: "cloudwatch",
  about: "Logs as they come, with a search over all of a group; alarms with what they did.",
  order: 60,
  pages: [
    { path: "log-groups", title: "Log groups", load: () => import("./logs/GroupList") },
    { path: "log-groups/:group", load: () => import("./logs/GroupPage") },
    { path: "alarms", title: "Alarms", load: () => import("./alarms/AlarmList") },
    { path: "alarms/:name", load: () => import("./alarms/AlarmPage") },
  ],
});
