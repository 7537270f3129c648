"""What makes the pictures worth looking at: things that take a while, which the walk can do without."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import boto3

from sagehen.cli.running import RunningPlatform
from tests.e2e.console.shown_dashboards import DASHBOARDS
from tests.e2e.console.things import inference

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MODEL = "classifier-one"
PIPELINE = "classifier"
SEVENS = "images/test/7/"
BUCKET = "dog-breeds"
DEADLINE_S = 180


def make_shown(data: Path) -> None:
    """Make them and wait until they are there; on a platform that has them nothing is made."""
    here = RunningPlatform.find(data)
    session = boto3.Session(here.access_key_id, here.secret_access_key, region_name=here.region)

    def client(name: str) -> Any:
        return session.client(name, endpoint_url=here.url)

    sagemaker, cloudwatch = client("sagemaker"), client("cloudwatch")
    for name, widgets in DASHBOARDS.items():
        cloudwatch.put_dashboard(DashboardName=name, DashboardBody=json.dumps({"widgets": widgets}))
    if sagemaker.list_pipelines(PipelineNamePrefix=PIPELINE)["PipelineSummaries"]:
        return
    execution = _pipeline(sagemaker)
    _endpoints(sagemaker)
    sagemaker.create_notebook_instance(
        NotebookInstanceName="first-steps",
        InstanceType="ml.t3.medium",
        RoleArn=sagemaker.describe_training_job(TrainingJobName="train-on-1")["RoleArn"],
    )
    _transform(sagemaker)
    _alarm(cloudwatch)
    _machines(client("ec2"))
    _versions(sagemaker)
    _scaled(client("application-autoscaling"))
    client("iam").add_user_to_group(GroupName="readers", UserName="anna")
    client("iam").attach_group_policy(
        GroupName="readers", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    )
    _plan(client("apigateway"))
    _until(
        lambda: _status(sagemaker.describe_pipeline_execution(PipelineExecutionArn=execution)), "Succeeded"
    )
    for endpoint in ("classifier-captured", "classifier-later"):
        waiter = sagemaker.get_waiter("endpoint_in_service")
        waiter.wait(EndpointName=endpoint, WaiterConfig={"Delay": 1, "MaxAttempts": DEADLINE_S})
    _until(lambda: _status(sagemaker.describe_transform_job(TransformJobName="sevens")), "Completed")
    _asked(client("s3"), client("sagemaker-runtime"))


def _until(state: Callable[[], str], wanted: str) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while (now := state()) != wanted:
        if time.monotonic() > deadline or "Fail" in now:
            raise RuntimeError(f"is {now}, and not {wanted}")
        time.sleep(0.5)


def _status(described: dict[str, Any]) -> str:
    """Return the status in a description, whatever the member's name begins with."""
    names = ("PipelineExecutionStatus", "TransformJobStatus")
    return next(str(described[name]) for name in names if name in described)


def _pipeline(sagemaker: Any) -> str:
    """Prepare, train, and register what is good enough; return the execution that has been started."""
    job = sagemaker.describe_training_job(TrainingJobName="train-on-1")
    asked = ("AlgorithmSpecification", "RoleArn", "HyperParameters", "InputDataConfig", "ResourceConfig")
    training = {name: job[name] for name in (*asked, "OutputDataConfig", "StoppingCondition")}
    image = job["AlgorithmSpecification"]["TrainingImage"]
    cluster = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
    prepare = {
        "RoleArn": job["RoleArn"],
        "AppSpecification": {"ImageUri": image, "ContainerEntrypoint": ["echo", "1438 images of 10 classes"]},
        "ProcessingResources": {"ClusterConfig": cluster},
    }
    artifact = {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"}
    register = {
        "ModelPackageGroupName": "classifiers",
        "ModelApprovalStatus": "PendingManualApproval",
        "InferenceSpecification": inference(sagemaker, artifact),
    }
    good = {
        "Type": "GreaterThanOrEqualTo",
        "LeftValue": {"Get": 'Steps.Train.FinalMetricDataList["test:accuracy"].Value'},
        "RightValue": {"Get": "Parameters.LeastAccuracy"},
    }
    choice = {
        "Conditions": [good],
        "IfSteps": [{"Name": "Register", "Type": "RegisterModel", "Arguments": register}],
        "ElseSteps": [{"Name": "TooBad", "Type": "Fail", "Arguments": {"ErrorMessage": "Not good enough."}}],
    }
    steps = [
        {"Name": "Prepare", "Type": "Processing", "Arguments": prepare},
        {"Name": "Train", "Type": "Training", "Arguments": training, "DependsOn": ["Prepare"]},
        {"Name": "GoodEnough", "Type": "Condition", "Arguments": choice},
    ]
    parameters = [{"Name": "LeastAccuracy", "Type": "Float", "DefaultValue": 0.9}]
    definition = {"Version": "2020-12-01", "Parameters": parameters, "Steps": steps}
    sagemaker.create_pipeline(
        PipelineName=PIPELINE,
        PipelineDefinition=json.dumps(definition),
        RoleArn=job["RoleArn"],
        ClientRequestToken="of-the-pictures-and-no-other-thing",
    )
    return str(sagemaker.start_pipeline_execution(PipelineName=PIPELINE)["PipelineExecutionArn"])


def _endpoints(sagemaker: Any) -> None:
    """One that keeps what it is asked, and one that answers later."""
    variant = {
        **{"VariantName": "AllTraffic", "ModelName": MODEL},
        **{"InitialInstanceCount": 1, "InstanceType": "ml.c5.large"},
    }
    kept = {
        **{"EnableCapture": True, "InitialSamplingPercentage": 100},
        "DestinationS3Uri": f"s3://{BUCKET}/captured",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
    }
    places = {"S3OutputPath": f"s3://{BUCKET}/answers", "S3FailurePath": f"s3://{BUCKET}/errors"}
    later = {"OutputConfig": places, "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 4}}
    for name, more in (
        ("classifier-captured", {"DataCaptureConfig": kept}),
        ("classifier-later", {"AsyncInferenceConfig": later}),
    ):
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant], **more)
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)


def _asked(s3: Any, runtime: Any) -> None:
    """Ask both for the test images of a seven."""
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET, Prefix=SEVENS)["Contents"]]
    for key in keys[:20]:
        image = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        runtime.invoke_endpoint(EndpointName="classifier-captured", ContentType="image/jpeg", Body=image)
        runtime.invoke_endpoint_async(
            EndpointName="classifier-later",
            InputLocation=f"s3://{BUCKET}/{key}",
            ContentType="image/jpeg",
        )


def _transform(sagemaker: Any) -> None:
    sagemaker.create_transform_job(
        TransformJobName="sevens",
        ModelName=MODEL,
        TransformInput={
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{SEVENS}"}},
            "ContentType": "image/jpeg",
        },
        TransformOutput={"S3OutputPath": f"s3://{BUCKET}/transformed/", "Accept": "application/json"},
        TransformResources={"InstanceCount": 1, "InstanceType": "ml.m5.large"},
    )


def _alarm(cloudwatch: Any) -> None:
    cloudwatch.put_metric_alarm(
        AlarmName="slow-answers",
        Namespace="AWS/Lambda",
        MetricName="Duration",
        Dimensions=[{"Name": "FunctionName", "Value": "classify"}],
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=5_000,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )


def _machines(ec2: Any) -> None:
    """A volume with its snapshot, and a Spot request that offers too little."""
    tags = [{"Key": "Name", "Value": "images"}]
    volume = ec2.create_volume(
        AvailabilityZone="us-east-1a",
        Size=1,
        VolumeType="gp3",
        TagSpecifications=[{"ResourceType": "volume", "Tags": tags}],
    )["VolumeId"]
    ec2.get_waiter("volume_available").wait(VolumeIds=[volume], WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    ec2.create_snapshot(
        VolumeId=volume,
        Description="Before the second labelling",
        TagSpecifications=[{"ResourceType": "snapshot", "Tags": tags}],
    )
    stopped = [{"Name": "instance-state-name", "Values": ["stopped"]}]
    for reservation in ec2.describe_instances(Filters=stopped)["Reservations"]:  # the demo's
        ec2.create_image(InstanceId=reservation["Instances"][0]["InstanceId"], Name="trained-on-a-machine")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    ec2.request_spot_instances(
        SpotPrice="0.0001", LaunchSpecification={"ImageId": image, "InstanceType": "g6.xlarge"}
    )


def _plan(gateway: Any) -> None:
    """Let the walk's usage plan be about the demo's API, and somebody have it."""
    api = gateway.get_rest_apis()["items"][0]["id"]
    plan = gateway.get_usage_plans()["items"][0]["id"]
    stage = {"op": "add", "path": "/apiStages", "value": f"{api}:demo"}
    gateway.update_usage_plan(usagePlanId=plan, patchOperations=[stage])
    key = gateway.create_api_key(name="friends", enabled=True)["id"]
    gateway.create_usage_plan_key(usagePlanId=plan, keyId=key, keyType="API_KEY")


def _versions(sagemaker: Any) -> None:
    """Two more versions of the walk's group, with what they reached."""
    for accuracy, approval in (("0.93", "Rejected"), ("0.96", "Approved")):
        sagemaker.create_model_package(
            ModelPackageGroupName="classifiers",
            ModelApprovalStatus=approval,
            CustomerMetadataProperties={"accuracy": accuracy, "epochs": "5"},
            InferenceSpecification=inference(sagemaker),
        )


def _scaled(scaling: Any) -> None:
    """Let the endpoint follow its load, and be two on mornings of working days."""
    target = {
        **{"ServiceNamespace": "sagemaker", "ResourceId": f"endpoint/{MODEL}/variant/AllTraffic"},
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=3)
    scaling.put_scaling_policy(
        **target,
        PolicyName="a-hundred-a-minute",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 100.0,
            "PredefinedMetricSpecification": {
                "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
            },
        },
    )
    scaling.put_scheduled_action(
        **target,
        ScheduledActionName="mornings",
        Schedule="cron(0 8 ? * MON-FRI *)",
        ScalableTargetAction={"MinCapacity": 2, "MaxCapacity": 3},
    )
