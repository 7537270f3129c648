"""The same notebook for the SageMaker SDK v3, unchanged. Its arguments: a folder of images, the source."""

# %%
import json
import sys
from pathlib import Path

from sagemaker.core.helper.session_helper import Session, get_execution_role
from sagemaker.core.parameter import CategoricalParameter, ContinuousParameter, IntegerParameter
from sagemaker.core.resources import Endpoint, EndpointConfig, HyperParameterTuningJob, Model, TrainingJob
from sagemaker.core.shapes import MetricDefinition, ProductionVariant
from sagemaker.serve import ModelBuilder
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import Compute, InputData, SourceCode, StoppingCondition
from sagemaker.train.distributed import Torchrun
from sagemaker.train.tuner import HyperparameterTuner

images, source = sys.argv[2:]
seen = {}

# %%
session = Session()
role = get_execution_role()
bucket = session.default_bucket()
seen.update(role=role, bucket=bucket)

# %% Data
inputs = session.upload_data(images, bucket, "hounds")
channel = InputData(channel_name="train", data_source=inputs)

# %%
registry = "763104351884.dkr.ecr.us-east-1.amazonaws.com"
training_image = f"{registry}/pytorch-training:2.6.0-cpu-py312"
inference_image = f"{registry}/pytorch-inference:2.6.0-cpu-py312"


# %%
def trainer(name, instances=1, code=None, **options):
    """A ModelTrainer of this notebook."""
    return ModelTrainer(
        base_job_name=name, role=role, sagemaker_session=session, training_image=training_image,
        compute=Compute(instance_type="ml.m5.large", instance_count=instances, volume_size_in_gb=5),
        source_code=code or SourceCode(source_dir=source, entry_script="train.py"), **options,
    )  # fmt: skip


# %% Tuning
metric_definitions = [{"Name": "score", "Regex": "score=([0-9.]+)"}]
ranges = {
    "rate": ContinuousParameter(0.001, 0.1, scaling_type="Logarithmic"),
    "depth": IntegerParameter(2, 4),
    "batch_size": CategoricalParameter(["32", "64"]),
}

# %%
tuner = HyperparameterTuner(
    model_trainer=trainer("hpo3", code=SourceCode(source_dir=source, entry_script="bare.py")),
    objective_metric_name="score", hyperparameter_ranges=ranges, metric_definitions=metric_definitions,
    objective_type="Maximize", max_jobs=2, max_parallel_jobs=2, base_tuning_job_name="hpo3",
)  # fmt: skip

# %% Two more jobs go on beside it, both at port 7777 of hosts with the same names
together = trainer("together", 2, distributed=Torchrun(process_count_per_node=1),
                   hyperparameters={"epochs": 2})  # fmt: skip
together.train(input_data_config=[channel], wait=False)

# %%
meeting = trainer("meeting", 2, code=SourceCode(source_dir=source, command="python3 meet.py"))
meeting.train(wait=False)

# %%
tuner.tune(wait=True)

# %%
seen["best_job"] = tuner.best_training_job()

# %%
tuning = HyperParameterTuningJob.get(tuner.describe().hyper_parameter_tuning_job_name)
seen["tuning_status"] = tuning.hyper_parameter_tuning_job_status

# %%
frame = tuner.analytics().dataframe()
best_row = frame.loc[frame["FinalObjectiveValue"].idxmax()]
seen.update(columns=sorted(frame), best_of_frame=best_row["TrainingJobName"])

# %%
best = TrainingJob.get(seen["best_job"])
seen["best_hyperparameters"] = {name: best.hyper_parameters[name] for name in ranges}

# %% Training
single = trainer(
    "hounds", hyperparameters={"epochs": 300, "lr": 1.0, "batch_size": 4, "note": "in v3"},
    stopping_condition=StoppingCondition(max_runtime_in_seconds=600),
)  # fmt: skip
single.with_metric_definitions(
    [MetricDefinition(name="average test loss", regex="average test loss: ([0-9.]+)")]
)

# %%
single.train(input_data_config=[channel], wait=True, logs=True)

# %%
job = single._latest_training_job
model_data = job.model_artifacts.s3_model_artifacts
seen.update(job=job.training_job_name, model_data=model_data)

# %%
seen["metrics"] = [metric.metric_name for metric in job.refresh().final_metric_data_list]

# %% A command of one's own, and a script for bash; requirements and local data come along
command = trainer(
    "command", hyperparameters={"any": 1},
    code=SourceCode(source_dir=source, command="bash run.sh 'two words' && ls /opt/ml/input/data/local"),
)  # fmt: skip
command.train(input_data_config=[InputData(channel_name="local", data_source=source)], wait=False)

# %%
failing = trainer("failing", code=SourceCode(command="echo never mind; exit 3"))
try:
    failing.train(wait=True)
except Exception as error:
    seen["failure"] = str(error)

# %% Deployment
builder = ModelBuilder(
    s3_model_data_url=model_data, image_uri=inference_image, role_arn=role, sagemaker_session=session,
    source_code=SourceCode(source_dir=source, entry_script="serve.py"), instance_type="ml.m5.large",
)  # fmt: skip

# %%
model = builder.build(model_name="hounds")
seen["repacked"] = model.primary_container.model_data_url

# %%
endpoint = builder.deploy(endpoint_name="hounds", initial_instance_count=1)


# %%
def classify(endpoint, picture):
    """Return an endpoint's answer to an image."""
    answer = endpoint.invoke(body=picture.read_bytes(), content_type="image/jpeg")
    return json.loads(answer.body.read())


# %%
pictures = sorted(Path(images).glob("*/*.jpg"))
answers = [classify(endpoint, picture)[0] for picture in pictures]
seen["classes"] = [answer.index(max(answer)) for answer in answers]

# %%
tensor = json.dumps({"inputs": [[0.9, 0.1, 0.1]]})
found = Endpoint.get("hounds").invoke(body=tensor, content_type="application/json", accept="text/csv")
seen["csv"] = found.body.read().decode()

# %%
try:
    endpoint.invoke(body=b"?", content_type="image/tiff")
except Exception as error:
    seen["refusal"] = str(error)

# %% The resources themselves
more = EndpointConfig.create(
    endpoint_config_name="hounds-two",
    production_variants=[
        ProductionVariant(
            variant_name="AllTraffic", model_name="hounds", initial_instance_count=2,
            instance_type="ml.m5.large",
        )
    ],
)  # fmt: skip

# %%
resource = Endpoint.get("hounds")
resource.endpoint_config_name = "hounds-two"
resource.update()
resource.wait_for_status("InService")
seen["instances"] = resource.refresh().production_variants[0].current_instance_count

# %%
seen["models"] = [found.model_name for found in Model.get_all(name_contains="hounds")]

# %% What went on beside
for beside in (together, meeting, command):
    beside._latest_training_job.wait(logs=False)

# %%
finished = TrainingJob.get_all(status_equals="Completed", sort_by="CreationTime", sort_order="Ascending")
seen["completed"] = [found.training_job_name.rsplit("-", 1)[0] for found in finished]

# %%
stopped = trainer("stopped", code=SourceCode(command="sleep 100"))
stopped.train(wait=False)
stopped._latest_training_job.stop()

# %%
stopped._latest_training_job.wait(logs=False)
seen["stopped"] = stopped._latest_training_job.refresh().training_job_status

# %%
try:
    TrainingJob.get("nobody-s")
except Exception as error:
    seen["nobody"] = str(error)

# %%
resource.delete()

# %%
resource.wait_for_delete()

# %%
more.delete()

# %%
EndpointConfig.get("hounds").delete()

# %%
Model.get("hounds").delete()

# %%
seen["left"] = [found.endpoint_name for found in Endpoint.get_all()]
