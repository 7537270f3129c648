import { service } from "../service";

export default service({
  name: "API Gateway",
  path: "apigateway",
  about: "REST APIs: resources, methods and their four boxes, a test, stages, usage plans.",
  order: 40,
  pages: [
    { path: "apis", title: "REST APIs", load: () => import("./apis/ApiList") },
    { path: "apis/:id", load: () => import("./apis/ApiPage") },
    { path: "usage-plans", title: "Usage plans", load: () => import("./plans/PlanList") },
    { path: "usage-plans/:id", load: () => import("./plans/PlanPage") },
    { path: "api-keys", title: "API keys", load: () => import("./keys/KeyList") },
  ],
});
