import { service } from "../service";

export default service({
  name: "CloudWatch",
  path: "cloudwatch",
  about: "Metrics as graphs, on dashboards of your own; logs as they come; alarms with what they did.",
  order: 60,
  pages: [
    { path: "dashboards", title: "Dashboards", load: () => import("./dashboards/DashboardList") },
    { path: "dashboards/:name", load: () => import("./dashboards/DashboardPage") },
    { path: "metrics", title: "Metrics", load: () => import("./metrics/ExplorerPage") },
    { path: "log-groups", title: "Log groups", load: () => import("./logs/GroupList") },
    { path: "log-groups/:group", load: () => import("./logs/GroupPage") },
    { path: "insights", title: "Logs Insights", load: () => import("./logs/insights/InsightsPage") },
    { path: "alarms", title: "Alarms", load: () => import("./alarms/AlarmList") },
    { path: "alarms/:name", load: () => import("./alarms/AlarmPage") },
  ],
});
