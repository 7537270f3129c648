"""What the demo's chain lacks: one thing for each page about one thing, none of which takes long."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import boto3

from sagehen.cli.running import RunningPlatform
from tests.e2e.console.components import make_component

if TYPE_CHECKING:
    from pathlib import Path

POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}],
}


def make_things(data: Path) -> None:
    """Make them unless they are there; what the demo calls `classifier-one` and `train-on-1` is there."""
    here = RunningPlatform.find(data)
    session = boto3.Session(here.access_key_id, here.secret_access_key, region_name=here.region)

    def client(name: str) -> Any:
        return session.client(name, endpoint_url=here.url)

    if any(user["UserName"] == "anna" for user in client("iam").list_users()["Users"]):
        return
    client("apigateway").create_usage_plan(name="ten-a-second", throttle={"rateLimit": 10, "burstLimit": 20})
    _watched(client("cloudwatch"))
    _people(client("iam"))
    _layer(client("lambda"))
    _jobs(client("sagemaker"))
    _registered(client("sagemaker"))
    _pipeline(client("sagemaker"))
    _image(client("ecr"))
    _stack(client("cloudformation"))
    make_component(client("sagemaker"))


def _stack(cloudformation: Any) -> None:
    """Make a stack of two things, and ask what another template would change."""
    bucket = {"Type": "AWS::S3::Bucket"}
    before = {
        "Description": "Where the labels are.",
        "Parameters": {"Days": {"Type": "Number", "Default": 7, "Description": "How long logs are kept."}},
        "Resources": {
            "Labels": bucket,
            "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": {"Ref": "Days"}}},
        },
        "Outputs": {"Labels": {"Value": {"Ref": "Labels"}, "Description": "The bucket."}},
    }
    cloudformation.create_stack(StackName="labels", TemplateBody=json.dumps(before))
    quickly = {"Delay": 1, "MaxAttempts": 60}
    cloudformation.get_waiter("stack_create_complete").wait(StackName="labels", WaiterConfig=quickly)
    after = {**before, "Resources": {**before["Resources"], "Archive": bucket}}
    cloudformation.create_change_set(
        **{"StackName": "labels", "ChangeSetName": "an-archive"},
        TemplateBody=json.dumps(after),
        Parameters=[{"ParameterKey": "Days", "ParameterValue": "14"}],
    )


def _image(ecr: Any, name: str = "team/trainer") -> None:
    """Push an image of one layer by ECR's own operations."""
    ecr.create_repository(repositoryName=name)
    parts = []
    for content in (b"{}", bytes(1_000_000)):
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        upload = ecr.initiate_layer_upload(repositoryName=name)["uploadId"]
        place = {"partFirstByte": 0, "partLastByte": len(content) - 1, "layerPartBlob": content}
        ecr.upload_layer_part(repositoryName=name, uploadId=upload, **place)
        ecr.complete_layer_upload(repositoryName=name, uploadId=upload, layerDigests=[digest])
        parts.append({"digest": digest, "size": len(content)})
    kind = "application/vnd.oci.image."
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{kind}manifest.v1+json",
        "config": {"mediaType": f"{kind}config.v1+json", **parts[0]},
        "layers": [{"mediaType": f"{kind}layer.v1.tar", **parts[1]}],
    }
    ecr.put_image(repositoryName=name, imageManifest=json.dumps(manifest), imageTag="v1")


def _watched(cloudwatch: Any) -> None:
    cloudwatch.put_dashboard(DashboardName="classifier", DashboardBody=json.dumps({"widgets": []}))
    cloudwatch.put_metric_alarm(
        AlarmName="many-errors",
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=5,
        ComparisonOperator="GreaterThanThreshold",
    )


def _people(iam: Any) -> None:
    iam.create_user(UserName="anna")
    iam.create_group(GroupName="readers")
    iam.create_open_id_connect_provider(
        Url="https://login.example.com", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["0" * 40]
    )
    iam.create_policy(PolicyName="list-buckets", PolicyDocument=json.dumps(POLICY))


def _layer(functions: Any) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("python/words.py", "HELLO = 'hello'\n")
    functions.publish_layer_version(LayerName="words", Content={"ZipFile": packed.getvalue()})


def _jobs(sagemaker: Any) -> None:
    """A job of each other kind, of the demo's image, model and script; how they end is not looked at."""
    job = sagemaker.describe_training_job(TrainingJobName="train-on-1")
    image, role = job["AlgorithmSpecification"]["TrainingImage"], job["RoleArn"]
    machine = {"InstanceCount": 1, "InstanceType": "ml.m5.large"}
    out, artifact = job["OutputDataConfig"]["S3OutputPath"], job["ModelArtifacts"]["S3ModelArtifacts"]
    sagemaker.create_processing_job(
        ProcessingJobName="say-hello",
        RoleArn=role,
        AppSpecification={"ImageUri": image, "ContainerEntrypoint": ["echo", "hello"]},
        ProcessingResources={"ClusterConfig": {**machine, "VolumeSizeInGB": 1}},
    )
    sagemaker.create_transform_job(
        TransformJobName="stopped-soon",
        ModelName="classifier-one",
        TransformInput={
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": artifact}},
            "ContentType": "image/png",
        },
        TransformOutput={"S3OutputPath": f"{out}/transformed"},
        TransformResources=machine,
    )
    sagemaker.stop_transform_job(TransformJobName="stopped-soon")
    sagemaker.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="one-trial",
        HyperParameterTuningJobConfig={
            "Strategy": "Random",
            "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "accuracy"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 1, "MaxParallelTrainingJobs": 1},
            "ParameterRanges": {
                "ContinuousParameterRanges": [{"Name": "rate", "MinValue": "0.1", "MaxValue": "0.2"}]
            },
        },
        TrainingJobDefinition={
            "AlgorithmSpecification": {
                "TrainingImage": image,
                "TrainingInputMode": "File",
                "MetricDefinitions": [{"Name": "accuracy", "Regex": "accuracy=([0-9.]+)"}],
            },
            "RoleArn": role,
            "OutputDataConfig": {"S3OutputPath": out},
            "ResourceConfig": {**machine, "VolumeSizeInGB": 1},
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        },
    )
    sagemaker.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName="one-trial")


def _registered(sagemaker: Any) -> None:
    """A version of a model group, of the demo's model."""
    sagemaker.create_model_package_group(ModelPackageGroupName="classifiers")
    sagemaker.create_model_package(
        ModelPackageGroupName="classifiers", InferenceSpecification=inference(sagemaker)
    )


def inference(sagemaker: Any, artifact: Any = None) -> dict[str, Any]:
    """Return how a version of the demo's model is served.

    Args:
        artifact: Another archive than its own.
    """
    container = sagemaker.describe_model(ModelName="classifier-one")["PrimaryContainer"]
    return {
        "Containers": [{"Image": container["Image"], "ModelDataUrl": artifact or container["ModelDataUrl"]}],
        "SupportedContentTypes": ["image/png"],
        "SupportedResponseMIMETypes": ["application/json"],
    }


def _pipeline(sagemaker: Any) -> None:
    """A pipeline of the one step that needs no machine, and an execution of it."""
    steps = [{"Name": "Stop", "Type": "Fail", "Arguments": {"ErrorMessage": "On purpose."}}]
    sagemaker.create_pipeline(
        PipelineName="stops-at-once",
        PipelineDefinition=json.dumps({"Version": "2020-12-01", "Steps": steps}),
        RoleArn=sagemaker.describe_training_job(TrainingJobName="train-on-1")["RoleArn"],
        ClientRequestToken="of-the-walk-and-no-other-thing-here",
    )
    sagemaker.start_pipeline_execution(PipelineName="stops-at-once")
