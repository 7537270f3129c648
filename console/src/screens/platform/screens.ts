import { service } from "../service";

export default service({
  name: "Sagehen",
  path: "sagehen",
  about:
    "What AWS's console lacks: the chain in one picture, why something was refused, what it costs, how the machine is.",
  order: 5,
  pages: [
    { path: "chain", title: "The chain", load: () => import("./chain/ChainPage") },
    {
      path: "scaling",
      title: "Scaling and concurrency",
      load: () => import("./scaling/ScalingPage"),
    },
    { path: "rehearsal", title: "Rehearsal", load: () => import("./rehearsal/RehearsalPage") },
    { path: "refusals", title: "Refusals", load: () => import("./refusals/RefusalList") },
    {
      path: "permissions",
      title: "Permissions in use",
      load: () => import("./permissions/PermissionsPage"),
    },
    { path: "cost", title: "Cost", load: () => import("./cost/CostPage") },
    { path: "quotas", title: "Quotas", load: () => import("./quotas/QuotasPage") },
    { path: "machine", title: "This machine", load: () => import("./machine/MachinePage") },
  ],
});
