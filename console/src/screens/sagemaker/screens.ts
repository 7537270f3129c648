import { service } from "../service";

export default service({
  name: "SageMaker",
  path: "sagemaker",
  about: "Training and tuning jobs, models, endpoints that scale, notebook instances.",
  order: 20,
  pages: [
    { path: "training-jobs", title: "Training jobs", load: () => import("./training/JobList") },
    { path: "training-jobs/:name", load: () => import("./training/JobPage") },
  ],
});
