import { service } from "../service";

export default service({
  name: "SageMaker",
  path: "sagemaker",
  about:
    "Training, tuning, processing and transform jobs, pipelines, models, endpoints that scale, notebook instances, MLflow.",
  order: 20,
  pages: [
    { path: "training-jobs", title: "Training jobs", load: () => import("./training/JobList") },
    { path: "training-jobs/:name", load: () => import("./training/JobPage") },
    { path: "create-training-job", load: () => import("./training/create/CreateJob") },
    { path: "tuning-jobs", title: "Tuning jobs", load: () => import("./tuning/TuningList") },
    { path: "tuning-jobs/:name", load: () => import("./tuning/TuningPage") },
    { path: "processing-jobs", title: "Processing jobs", load: () => import("./processing/ProcessingList") },
    { path: "processing-jobs/:name", load: () => import("./processing/ProcessingPage") },
    { path: "create-processing-job", load: () => import("./processing/create/CreateProcessing") },
    { path: "transform-jobs", title: "Transform jobs", load: () => import("./transform/TransformList") },
    { path: "transform-jobs/:name", load: () => import("./transform/TransformPage") },
    { path: "create-transform-job", load: () => import("./transform/create/CreateTransform") },
    { path: "pipelines", title: "Pipelines", load: () => import("./pipelines/PipelineList") },
    { path: "pipelines/:name", load: () => import("./pipelines/PipelinePage") },
    { path: "pipelines/:name/executions/:id", load: () => import("./pipelines/ExecutionPage") },
    { path: "models", title: "Models", load: () => import("./models/ModelList") },
    { path: "models/:name", load: () => import("./models/ModelPage") },
    { path: "create-model", load: () => import("./models/create/CreateModel") },
    { path: "model-groups", title: "Model groups", load: () => import("./registry/GroupList") },
    { path: "model-groups/:name", load: () => import("./registry/GroupPage") },
    { path: "model-groups/:name/:version", load: () => import("./registry/VersionPage") },
    {
      path: "endpoint-configurations",
      title: "Endpoint configurations",
      load: () => import("./configurations/ConfigurationList"),
    },
    { path: "endpoint-configurations/:name", load: () => import("./configurations/ConfigurationPage") },
    {
      path: "create-endpoint-configuration",
      load: () => import("./configurations/create/CreateConfiguration"),
    },
    { path: "lineage/:of", load: () => import("./lineage/LineagePage") },
    { path: "endpoints", title: "Endpoints", load: () => import("./endpoints/EndpointList") },
    { path: "endpoints/:name", load: () => import("./endpoints/EndpointPage") },
    {
      path: "notebook-instances",
      title: "Notebook instances",
      load: () => import("./notebooks/NotebookList"),
    },
    {
      path: "mlflow-tracking-servers",
      title: "MLflow tracking servers",
      load: () => import("./mlflow/TrackingServerList"),
    },
  ],
});
