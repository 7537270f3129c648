"""Pipelines through boto3 alone: a script, a training job, a condition on what it measured, a model."""

from __future__ import annotations

import io
import json
import tarfile
import time
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.waiting import pauses

from .test_processing import IMAGE
from .test_training import Stage as TrainingStage

# Of sandboxes it asks nothing that endpoints and jobs do not.
pytestmark = pytest.mark.once

SPLIT = b"""
import pathlib, sys
pathlib.Path("/opt/ml/processing/train/data.csv").write_text(sys.argv[1])
"""
TRAIN = b"""
import os, pathlib
words = "".join(p.read_text() for p in pathlib.Path(os.environ["SM_CHANNEL_TRAIN"]).rglob("*.csv"))
pathlib.Path(os.environ["SM_MODEL_DIR"], "model.txt").write_text(words * int(os.environ["SM_HP_TIMES"]))
"""
EVALUATE = b"""
import json, pathlib, tarfile
with tarfile.open(next(pathlib.Path("/opt/ml/processing/model").rglob("*.tar.gz"))) as tar:
    length = len(tar.extractfile("model.txt").read())
report = {"metrics": {"length": {"value": length}}}
pathlib.Path("/opt/ml/processing/report/report.json").write_text(json.dumps(report))
"""


class Stage(TrainingStage):
    """What a pipeline's jobs need, and its definition."""

    def __init__(self, client: Any) -> None:
        super().__init__(client)
        self.rights("sagemaker:*")
        with tarfile.open(fileobj=(archive := io.BytesIO()), mode="w:gz") as tar:
            info = tarfile.TarInfo("train.py")
            info.size = len(TRAIN)
            tar.addfile(info, io.BytesIO(TRAIN))
        objects = {"split.py": SPLIT, "evaluate.py": EVALUATE, "source.tar.gz": archive.getvalue()}
        for key, body in objects.items():
            self.s3.put_object(Bucket=self.bucket, Key=f"code/{key}", Body=body)

    def rights(self, sagemaker: str) -> None:
        statements = [
            {"Effect": "Allow", "Action": sagemaker, "Resource": "*"},
            {"Effect": "Allow", "Action": "iam:PassRole", "Resource": self.role_arn},
        ]
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.iam.put_role_policy(RoleName=self.role_name, PolicyName="jobs", PolicyDocument=document)

    def processing(self, name: str, script: str, output: str, *, inputs: Any = (), **more: Any) -> Any:
        code = "/opt/ml/processing/input/code"
        return {
            "Name": name,
            "Type": "Processing",
            "Arguments": {
                "RoleArn": self.role_arn,
                "ProcessingResources": {
                    "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
                },
                "AppSpecification": {
                    "ImageUri": IMAGE,
                    "ContainerEntrypoint": ["python3", f"{code}/{script}"],
                    **more.pop("App", {}),
                },
                "ProcessingInputs": [self._input("code", f"s3://{self.bucket}/code/{script}", code), *inputs],
                "ProcessingOutputConfig": {
                    "Outputs": [
                        {
                            "OutputName": output,
                            "S3Output": {
                                "S3Uri": {
                                    "Std:Join": {
                                        "On": "/",
                                        "Values": [
                                            f"s3://{self.bucket}",
                                            {"Get": "Execution.PipelineExecutionId"},
                                            output,
                                        ],
                                    }
                                },
                                "LocalPath": f"/opt/ml/processing/{output}",
                                "S3UploadMode": "EndOfJob",
                            },
                        }
                    ]
                },
            },
            **more,
        }

    def _input(self, name: str, uri: Any, path: str) -> Any:
        source = {
            "S3Uri": uri,
            "LocalPath": path,
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3DataDistributionType": "FullyReplicated",
            "S3CompressionType": "None",
        }
        return {"InputName": name, "S3Input": source}

    @property
    def training(self) -> Any:
        data = {"Get": "Steps.Split.ProcessingOutputConfig.Outputs['train'].S3Output.S3Uri"}
        return {
            "Name": "Train",
            "Type": "Training",
            "Arguments": {
                "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
                "RoleArn": self.role_arn,
                "HyperParameters": {
                    "sagemaker_program": json.dumps("train.py"),
                    "sagemaker_submit_directory": json.dumps(f"s3://{self.bucket}/code/source.tar.gz"),
                    "times": {"Std:Join": {"On": "", "Values": [{"Get": "Parameters.Times"}]}},
                },
                "InputDataConfig": [
                    {
                        "ChannelName": "train",
                        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": data}},
                    }
                ],
                "OutputDataConfig": {"S3OutputPath": f"s3://{self.bucket}/models"},
                "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
                "StoppingCondition": {"MaxRuntimeInSeconds": 600},
            },
        }

    @property
    def definition(self) -> Any:
        model = {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"}
        length = {
            "Std:JsonGet": {
                "PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.Report"},
                "Path": "metrics.length.value",
            }
        }
        made = {
            "Name": "Make",
            "Type": "Model",
            "Arguments": {
                "ExecutionRoleArn": self.role_arn,
                "PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": model},
            },
        }
        failed = {
            "Name": "TooShort",
            "Type": "Fail",
            "Arguments": {"ErrorMessage": {"Std:Join": {"On": " ", "Values": ["only", length]}}},
        }
        return {
            "Version": "2020-12-01",
            "Metadata": {},
            "Parameters": [
                {"Name": "Word", "Type": "String", "DefaultValue": "abc"},
                {"Name": "Times", "Type": "Integer", "DefaultValue": 4},
            ],
            "PipelineExperimentConfig": {
                "ExperimentName": {"Get": "Execution.PipelineName"},
                "TrialName": {"Get": "Execution.PipelineExecutionId"},
            },
            "Steps": [
                self.processing(
                    *("Split", "split.py", "train"),
                    App={"ContainerArguments": [{"Get": "Parameters.Word"}]},
                    CacheConfig={"Enabled": True, "ExpireAfter": "PT1H"},
                ),
                self.training,
                self.processing(
                    *("Evaluate", "evaluate.py", "report"),
                    inputs=[self._input("model", model, "/opt/ml/processing/model")],
                    PropertyFiles=[
                        {"PropertyFileName": "Report", "OutputName": "report", "FilePath": "report.json"}
                    ],
                ),
                {
                    "Name": "LongEnough",
                    "Type": "Condition",
                    "Arguments": {
                        "Conditions": [
                            {"Type": "GreaterThanOrEqualTo", "LeftValue": length, "RightValue": 12}
                        ],
                        "IfSteps": [made],
                        "ElseSteps": [failed],
                    },
                },
            ],
        }

    def pipeline(self, definition: Any = None) -> str:
        name = f"Pipeline-{uuid.uuid4().hex[:8]}"
        self.sagemaker.create_pipeline(
            PipelineName=name,
            PipelineDefinition=json.dumps(definition or self.definition),
            RoleArn=self.role_arn,
            ClientRequestToken=uuid.uuid4().hex,
            Tags=[{"Key": "team", "Value": "seeds"}],
        )
        return name

    def start(self, name: str, **more: Any) -> str:
        arn: str = self.sagemaker.start_pipeline_execution(PipelineName=name, **more)["PipelineExecutionArn"]
        return arn

    def ended(self, arn: str, limit_s: float = 120) -> Any:
        deadline, pause = time.monotonic() + limit_s, pauses()
        while True:
            answer = self.sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
            if answer["PipelineExecutionStatus"] not in ("Executing", "Stopping"):
                return answer
            assert time.monotonic() < deadline, self.steps(arn)
            time.sleep(next(pause))

    def steps(self, arn: str) -> Any:
        answer = self.sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)
        return {step["StepName"]: step for step in answer["PipelineExecutionSteps"]}


@pytest.fixture(scope="module")
def stage(client: Any) -> Stage:
    return Stage(client)


def test_a_pipeline_runs_to_a_model_and_another_time_to_its_fail_step(stage: Stage) -> None:
    name = stage.pipeline()
    first = stage.start(name)
    ended, steps = stage.ended(first), stage.steps(first)
    assert ended["PipelineExecutionStatus"] == "Succeeded", steps
    assert list(steps) == ["Make", "LongEnough", "Evaluate", "Train", "Split"]
    assert steps["LongEnough"]["Metadata"] == {"Condition": {"Outcome": "True"}}
    execution = first.rpartition("/")[2]
    assert ended["PipelineExperimentConfig"] == {"ExperimentName": name, "TrialName": execution}
    listed = stage.sagemaker.list_trial_components(TrialName=execution)["TrialComponentSummaries"]
    assert len(listed) == 3  # its jobs
    job = steps["Train"]["Metadata"]["TrainingJob"]["Arn"]
    described = stage.sagemaker.describe_training_job(TrainingJobName=job.rpartition("/")[2])
    assert described["TrainingJobArn"] == job.lower()
    tags = stage.sagemaker.list_tags(ResourceArn=job)["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {
        "team": "seeds",
        "sagemaker:pipeline-execution-arn": first,
    }
    models = stage.sagemaker.list_models(NameContains=f"pipelines-{execution}-Make-")["Models"]
    assert steps["Make"]["Metadata"]["Model"]["Arn"].endswith(f":model/{models[0]['ModelName']}")

    second = stage.start(name, PipelineParameters=[{"Name": "Times", "Value": "2"}])
    ended, steps = stage.ended(second), stage.steps(second)
    assert ended["PipelineExecutionStatus"] == "Failed"
    assert ended["FailureReason"] == "Step failure: One or multiple steps failed."
    assert steps["Split"]["CacheHitResult"] == {"SourcePipelineExecutionArn": first}
    assert steps["TooShort"]["FailureReason"] == "only 6"
    assert "Make" not in steps
    given = stage.sagemaker.list_pipeline_parameters_for_execution(PipelineExecutionArn=second)
    assert given["PipelineParameters"] == [{"Name": "Times", "Value": "2"}]
    _is_found(stage, name, first, second)


def _is_found(stage: Stage, name: str, first: str, second: str) -> None:
    def search(resource: str, **filters: str) -> list[dict[str, Any]]:
        listed = [{"Name": key.replace("_", "."), "Value": value} for key, value in filters.items()]
        found = stage.sagemaker.search(Resource=resource, SearchExpression={"Filters": listed}, MaxResults=1)
        assert found["TotalHits"]["Value"] >= len(found["Results"])
        return [each[resource] for each in found["Results"]]

    [pipeline] = search("Pipeline", PipelineName=name)
    described = stage.sagemaker.describe_pipeline(PipelineName=name)
    assert {key: described[key] for key in pipeline if key != "Tags"} == {
        key: value for key, value in pipeline.items() if key != "Tags"
    }
    assert pipeline["LastRunTime"] > pipeline["CreationTime"]
    arn = pipeline["PipelineArn"]
    [failed] = search("PipelineExecution", PipelineArn=arn, PipelineExecutionStatus="Failed")
    assert failed["PipelineExecutionArn"] == second
    assert failed["PipelineParameters"] == [{"Name": "Times", "Value": "2"}]
    [version] = search("PipelineVersion", PipelineArn=arn)
    assert version["LastExecutedPipelineExecutionArn"] == second and version["PipelineVersionId"] == 1
    [execution] = search("PipelineExecution", PipelineExecutionArn=first)
    assert execution["PipelineExperimentConfig"]["ExperimentName"] == name


def test_a_right_that_the_role_lacks_fails_the_step_and_a_retry_goes_on(stage: Stage) -> None:
    definition = stage.definition
    definition["Steps"] = [definition["Steps"][0]]
    name = stage.pipeline(definition)
    stage.rights("sagemaker:Describe*")
    try:
        arn = stage.start(name)
        assert stage.ended(arn)["PipelineExecutionStatus"] == "Failed"
        reason = stage.steps(arn)["Split"]["FailureReason"]
        assert reason.startswith(
            "ClientError: Failed to invoke sagemaker:CreateProcessingJob. Error Details: "
        )
        assert "is not authorized to perform: sagemaker:CreateProcessingJob" in reason
    finally:
        stage.rights("sagemaker:*")
    stage.sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken=uuid.uuid4().hex)
    assert stage.ended(arn)["PipelineExecutionStatus"] == "Succeeded"


def test_stopping_an_execution_stops_its_jobs(stage: Stage) -> None:
    stage.s3.put_object(Bucket=stage.bucket, Key="code/sleep.py", Body=b"import time\ntime.sleep(600)\n")
    name = stage.pipeline({"Version": "2020-12-01", "Steps": [stage.processing("Sleep", "sleep.py", "out")]})
    arn = stage.start(name)
    deadline = time.monotonic() + 60
    while stage.steps(arn).get("Sleep", {}).get("StepStatus") != "Executing":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    stage.sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken=uuid.uuid4().hex)
    assert stage.ended(arn)["PipelineExecutionStatus"] == "Stopped"
    step = stage.steps(arn)["Sleep"]
    assert step["StepStatus"] == "Stopped"
    job = step["Metadata"]["ProcessingJob"]["Arn"].rpartition("/")[2]
    names = stage.sagemaker.list_processing_jobs(StatusEquals="Stopped", NameContains=job)
    assert len(names["ProcessingJobSummaries"]) == 1
    # As Airflow's operator looks for it.
    with pytest.raises(ClientError, match="Only pipelines with 'Executing' status can be stopped") as refused:
        stage.sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken=uuid.uuid4().hex)
    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_what_definitions_say_is_judged_at_once(stage: Stage) -> None:
    with pytest.raises(ClientError, match="Unable to parse pipeline definition") as refused:
        stage.pipeline(
            {"Version": "2020-12-01", "Steps": [{"Name": "A", "Type": "Fail", "DependsOn": ["B"]}]}
        )
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    with pytest.raises(ClientError) as unbuilt:
        stage.pipeline({"Version": "2020-12-01", "Steps": [{"Name": "A", "Type": "Callback"}]})
    assert unbuilt.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    name = stage.pipeline()
    with pytest.raises(ClientError, match="already exists") as taken:
        stage.sagemaker.create_pipeline(
            PipelineName=name, PipelineDefinition=json.dumps(stage.definition), RoleArn=stage.role_arn
        )
    assert taken.value.response["Error"]["Code"] == "ValidationException"
    changed = stage.sagemaker.update_pipeline(
        PipelineName=name, PipelineDefinition=json.dumps(stage.definition), PipelineVersionAliases=["best"]
    )
    assert changed["PipelineVersionId"] == 2
    versions = stage.sagemaker.list_pipeline_versions(PipelineName=name)["PipelineVersionSummaries"]
    assert [one["PipelineVersionId"] for one in versions] == [2, 1]
    assert stage.sagemaker.describe_pipeline(PipelineName=name, PipelineVersionAlias="best")
    stage.sagemaker.delete_pipeline(PipelineName=name, ClientRequestToken=uuid.uuid4().hex)
    with pytest.raises(stage.sagemaker.exceptions.ResourceNotFound):
        stage.sagemaker.describe_pipeline(PipelineName=name)
