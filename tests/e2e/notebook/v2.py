"""What people do in a notebook with the SageMaker SDK v2, unchanged.

Its arguments: a folder of images, the source, a dependency.
"""

# %%
import sys
import time
from pathlib import Path

import numpy
import sagemaker
from sagemaker.analytics import ExperimentAnalytics
from sagemaker.debugger import (
    DebuggerHookConfig,
    FrameworkProfile,
    ProfilerConfig,
    ProfilerRule,
    Rule,
    rule_configs,
)
from sagemaker.deserializers import CSVDeserializer, JSONDeserializer, NumpyDeserializer
from sagemaker.experiments import Run
from sagemaker.lineage.context import Context, EndpointContext
from sagemaker.lineage.visualizer import LineageTableVisualizer
from sagemaker.model_monitor import ConstraintViolations, DefaultModelMonitor
from sagemaker.model_monitor.dataset_format import DatasetFormat
from sagemaker.multidatamodel import MultiDataModel
from sagemaker.predictor import Predictor
from sagemaker.pytorch import PyTorch, PyTorchModel
from sagemaker.serializers import CSVSerializer, IdentitySerializer, JSONSerializer, NumpySerializer
from sagemaker.serverless import ServerlessInferenceConfig
from sagemaker.sklearn import SKLearn
from sagemaker.tuner import (
    CategoricalParameter,
    ContinuousParameter,
    HyperparameterTuner,
    IntegerParameter,
)
from sagemaker.workflow.check_job_config import CheckJobConfig
from sagemaker.workflow.execution_variables import ExecutionVariables
from sagemaker.workflow.functions import Join
from sagemaker.workflow.parameters import ParameterBoolean, ParameterString
from sagemaker.workflow.pipeline import Pipeline
from sagemaker.workflow.pipeline_context import PipelineSession
from sagemaker.workflow.quality_check_step import DataQualityCheckConfig, QualityCheckStep

images, source, dependency = sys.argv[2:]
seen = {}

# %%
session = sagemaker.Session()
role = sagemaker.get_execution_role(session)
bucket = session.default_bucket()
seen.update(role=role, bucket=bucket)

# %% Data
inputs = session.upload_data(images, key_prefix="dogs")
print(session.list_s3_files(bucket, "dogs"))

# %%
image = sagemaker.image_uris.retrieve(
    "pytorch", session.boto_region_name, "2.6.0", py_version="py312", instance_type="ml.m5.xlarge",
    image_scope="training",
)  # fmt: skip
print(image)

# %% Tuning
metric_definitions = [{"Name": "average test loss", "Regex": "average test loss: ([0-9.]+)"}]
ranges = {
    "lr": ContinuousParameter(0.001, 0.1, scaling_type="Logarithmic"),
    "epochs": IntegerParameter(2, 4),
    "batch_size": CategoricalParameter([32, 64, 128]),
}

# %%
common = dict(
    source_dir=source, role=role, framework_version="2.6.0", py_version="py312",
    sagemaker_session=session,
)  # fmt: skip
estimator = PyTorch(
    entry_point="train.py", base_job_name="hpo", instance_type="ml.m5.large", instance_count=1,
    hyperparameters={"note": "tuned"}, metric_definitions=metric_definitions, **common,
)  # fmt: skip

# %%
tuner = HyperparameterTuner(
    estimator, "average test loss", ranges, metric_definitions, objective_type="Minimize",
    max_jobs=2, max_parallel_jobs=2, early_stopping_type="Auto", base_tuning_job_name="hpo",
)  # fmt: skip

# %%
tuner.fit({"train": inputs}, wait=True)

# %%
seen["best_job"] = tuner.best_training_job()

# %%
attached = HyperparameterTuner.attach(tuner.latest_tuning_job.name, sagemaker_session=session)
seen["tuning_status"] = attached.describe()["HyperParameterTuningJobStatus"]

# %%
frame = attached.analytics().dataframe()
best_row = frame.loc[frame["FinalObjectiveValue"].idxmin()]
seen.update(columns=sorted(frame), best_of_frame=best_row["TrainingJobName"])

# %%
best_estimator = attached.best_estimator()
seen["best_model"] = best_estimator.model_data

# %%
best = best_estimator.hyperparameters()
hyperparameters = {
    "lr": float(best["lr"]),
    "batch_size": int(best["batch_size"].replace('"', "")),
    "epochs": 300,
    "note": 'it\'s "quoted"',
}
seen["hyperparameters"] = hyperparameters

# %% Training with its best values, watched by rules
rules = [
    Rule.sagemaker(rule_configs.loss_not_decreasing()),
    Rule.sagemaker(rule_configs.overfit()),
    ProfilerRule.sagemaker(rule_configs.LowGPUUtilization()),
    ProfilerRule.sagemaker(rule_configs.ProfilerReport()),
]

# %%
profiler_config = ProfilerConfig(
    system_monitor_interval_millis=500, framework_profile_params=FrameworkProfile(num_steps=10)
)
hook_config = DebuggerHookConfig(hook_parameters={"train.save_interval": "100", "eval.save_interval": "10"})

# %%
estimator = PyTorch(
    entry_point="train.py", base_job_name="dogs", instance_type="ml.m5.xlarge", instance_count=1,
    hyperparameters={**hyperparameters, "lr": 1.0}, metric_definitions=metric_definitions, rules=rules,
    profiler_config=profiler_config, debugger_hook_config=hook_config, **common,
)  # fmt: skip

# %% It follows the log, and asks every 30 seconds whether there will be more
estimator.fit({"train": inputs}, wait=True)

# %%
again = PyTorch.attach(estimator.latest_training_job.name, sagemaker_session=session)
seen.update(job=again.latest_training_job.name, model_data=again.model_data)

# %%
seen["rules"] = [rule["RuleConfigurationName"] for rule in again.latest_training_job.rule_job_summary()]

# %%
seen["profiler_output"] = estimator.latest_job_profiler_artifacts_path()

# %%
analytics = sagemaker.analytics.TrainingJobAnalytics(seen["job"], sagemaker_session=session)
seen["metrics"] = sorted(set(analytics.dataframe()["metric_name"]))

# %%
session.logs_for_job(seen["job"], wait=False)

# %% On two instances
several = PyTorch(
    entry_point="train.py", base_job_name="dogs-two", instance_type="ml.g4dn.xlarge", instance_count=2,
    hyperparameters={"epochs": 2}, distribution={"torch_distributed": {"enabled": True}}, **common,
)  # fmt: skip

# %%
several.fit({"train": inputs}, logs=False)


# %% Deployment
class ImagePredictor(Predictor):
    def __init__(self, endpoint_name, sagemaker_session):
        super().__init__(
            endpoint_name, sagemaker_session, IdentitySerializer("image/jpeg"), JSONDeserializer()
        )


# %%
model = PyTorchModel(
    model_data=estimator.model_data, entry_point="serve.py", dependencies=[dependency],
    predictor_cls=ImagePredictor, **common,
)  # fmt: skip

# %%
predictor = model.deploy(initial_instance_count=1, instance_type="ml.m5.large", endpoint_name="dogs")
seen["predictor"] = type(predictor).__name__

# %%
pictures = sorted(Path(images).glob("*/*.jpg"))
seen["classes"] = [int(numpy.argmax(predictor.predict(p.read_bytes()))) for p in pictures]

# %%
tensor = [[0.9, 0.1, 0.1], [0.1, 0.1, 0.9]]
seen["answers"] = []
for serializer, deserializer, value in (
    (JSONSerializer(), JSONDeserializer(), {"inputs": tensor}),
    (CSVSerializer(), CSVDeserializer(), tensor),
    (NumpySerializer(), NumpyDeserializer(), numpy.array(tensor)),
):
    asked = Predictor("dogs", session, serializer, deserializer)
    answer = numpy.array(asked.predict(value), dtype=float)
    seen["answers"].append(answer.argmax(1).tolist())

# %%
try:
    Predictor("dogs", session, IdentitySerializer("image/tiff")).predict(b"?")
except session.sagemaker_runtime_client.exceptions.ModelError as error:
    seen["refusal"] = str(error)

# %%
predictor.update_endpoint(initial_instance_count=2, instance_type="ml.m5.large")
described = session.sagemaker_client.describe_endpoint(EndpointName="dogs")
seen["instances"] = described["ProductionVariants"][0]["CurrentInstanceCount"]

# %% An estimator deploys by itself, with the script that its model brought
second = several.deploy(
    initial_instance_count=1, instance_type="ml.m5.large", endpoint_name="dogs-two",
    entry_point="serve.py", serializer=JSONSerializer(), deserializer=JSONDeserializer(),
)  # fmt: skip
seen["second"] = second.predict({"inputs": tensor})

# %% scikit-learn
linear = SKLearn(
    entry_point="linear.py", source_dir=source, role=role, instance_type="ml.m5.large",
    framework_version="1.2-1", py_version="py3", base_job_name="linear", sagemaker_session=session,
)  # fmt: skip

# %%
with Run("lines", "first", sagemaker_session=session) as run:
    run.log_parameter("features", 1)
    linear.fit(logs=False)

# %%
line = linear.deploy(initial_instance_count=1, instance_type="ml.m5.large", endpoint_name="linear")
seen["line"] = line.predict([[2.0]]).tolist()

# %% What was tried, and what came of what
job = linear.latest_training_job.name
frame = ExperimentAnalytics(experiment_name="lines", sagemaker_session=session).dataframe()
seen["tried"] = sorted(name.replace(job, "JOB") for name in frame["TrialComponentName"])
endpoint_arn = session.describe_endpoint(line.endpoint_name)["EndpointArn"]

# %%
[context] = Context.list(source_uri=endpoint_arn, sagemaker_session=session)
endpoint = EndpointContext.load(context_name=context.context_name, sagemaker_session=session)
seen["trained_by"] = [arn.rpartition("/")[2] == job.lower() for arn in endpoint.training_job_arns()]
lineage = LineageTableVisualizer(session).show(training_job_name=job)
seen["lineage"] = lineage[["Direction", "Type", "Association Type", "Lineage Type"]].values.tolist()

# %% The same model as one of many, and where there are no instances
many = MultiDataModel("many", f"s3://{bucket}/many/", model=linear.create_model(), sagemaker_session=session)
one_of_many = many.deploy(initial_instance_count=1, instance_type="ml.m5.large")
many.add_model(linear.model_data, "lines/one.tar.gz")
seen["models"] = list(many.list_models())
seen["one_of_many"] = one_of_many.predict([[2.0]], target_model="lines/one.tar.gz").tolist()

# %%
calm = linear.deploy(
    serverless_inference_config=ServerlessInferenceConfig(memory_size_in_mb=2048, max_concurrency=2),
    endpoint_name="calm",
)
seen["calm"] = calm.predict([[2.0]]).tolist()

# %% Without a network, on a GPU type, at spot price: all of one job
isolated = PyTorch(
    entry_point="bare.py", base_job_name="isolated", instance_type="ml.g4dn.xlarge", instance_count=1,
    enable_network_isolation=True, use_spot_instances=True, max_run=600, max_wait=900, **common,
)  # fmt: skip

# %%
isolated.fit(logs=False)

# %% What data are like, and whether later ones are
for name, mean in (("usual", 0), ("other", 9)):
    rows = "".join(f"{value:.3f}\n" for value in numpy.random.default_rng(1).normal(mean, 1, 300))
    session.upload_string_as_file_body(f"height\n{rows}", bucket, f"heights/{name}/rows.csv")
small = {"instance_count": 1, "instance_type": "ml.m5.large", "volume_size_in_gb": 1}
monitor = DefaultModelMonitor(role=role, sagemaker_session=session, **small)
usual, table = f"s3://{bucket}/heights/usual", DatasetFormat.csv(header=True)
monitor.suggest_baseline(usual, table, output_s3_uri=f"s3://{bucket}/heights/baseline", logs=False)
[suggested] = monitor.suggested_constraints().body_dict["features"]
[described] = monitor.baseline_statistics().body_dict["features"]
seen["suggested"] = {**suggested, **described["numerical_statistics"]["common"]}

# %%
pipelines = PipelineSession()
data, first_time = ParameterString("Data", usual), ParameterBoolean("FirstTime", default_value=False)
# A place of each execution's own: the registered baseline is not to be written over.
checked_to = Join("/", [f"s3://{bucket}/heights/checked", ExecutionVariables.PIPELINE_EXECUTION_ID])
check = QualityCheckStep(
    "Heights",
    DataQualityCheckConfig(data, table, output_s3_uri=checked_to),
    CheckJobConfig(role, sagemaker_session=pipelines, **small),
    skip_check=first_time, register_new_baseline=first_time, model_package_group_name="heights",
)  # fmt: skip
checks = Pipeline("Checks", [data, first_time], steps=[check], sagemaker_session=pipelines)
checks.upsert(role_arn=role)
session.sagemaker_client.create_model_package_group(ModelPackageGroupName="heights")


def checked(**parameters):
    """Run the pipeline; return what became of its one step."""
    execution = checks.start(parameters=parameters)
    while execution.describe()["PipelineExecutionStatus"] == "Executing":
        time.sleep(5)
    [step] = execution.list_steps()
    return step


# %%
calculated = checked(FirstTime=True)["Metadata"]["QualityCheck"]
seen["nothing_to_compare"] = checked()["FailureReason"]
sources = {
    name: {
        "ContentType": "application/json",
        "S3Uri": calculated[f"BaselineUsedForDriftCheck{name}"],
    }
    for name in ("Statistics", "Constraints")
}
session.sagemaker_client.create_model_package(
    ModelPackageGroupName="heights", ModelApprovalStatus="Approved",
    DriftCheckBaselines={"ModelDataQuality": sources},
)  # fmt: skip
seen["kept"], seen["drifted"] = checked()["StepStatus"], checked(Data=f"s3://{bucket}/heights/other")
report = seen["drifted"]["Metadata"]["QualityCheck"]["ViolationReport"]
seen["drifted"] = seen["drifted"]["StepStatus"], seen["drifted"]["FailureReason"].endswith(report)
seen["violations"] = ConstraintViolations.from_s3_uri(report, sagemaker_session=session).body_dict

# %% What the SDK leaves to boto3
seen["training_jobs"] = sorted(
    (job["TrainingJobName"].rsplit("-", 7)[0], job["TrainingJobStatus"])
    for job in session.sagemaker_client.list_training_jobs(NameContains="dogs")["TrainingJobSummaries"]
)

# %%
predictor.delete_model()

# %%
for each in (predictor, second, line, one_of_many, calm):
    each.delete_endpoint()

# %%
seen["left"] = [e["EndpointName"] for e in session.sagemaker_client.list_endpoints()["Endpoints"]
                if e["EndpointStatus"] != "Deleting"]  # fmt: skip
