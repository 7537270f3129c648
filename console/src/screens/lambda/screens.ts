import { service } from "../service";

export default service({
  name: "Lambda",
  path: "lambda",
  about: "Functions: their code, a test with its log, concurrency, versions, layers.",
  order: 30,
  pages: [
    { path: "functions", title: "Functions", load: () => import("./functions/FunctionList") },
    { path: "functions/:name", load: () => import("./functions/FunctionPage") },
    { path: "layers", title: "Layers", load: () => import("./layers/LayerList") },
    { path: "layers/:name", load: () => import("./layers/LayerPage") },
  ],
});
