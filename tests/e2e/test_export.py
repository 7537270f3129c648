"""A chain that was built by hand, exported: made again in other accounts, it answers the same."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from sagehen.cli.main import app
from sagehen.export.reading.asking import Asked
from sagehen.export.whole import read
from sagehen.export.writing.cloudformation.written import cloudformation
from tests.running import ACCOUNTS, LAMBDA_RUNTIME, RunningSagehen
from tests.waiting import eventually

REGION, HERE, THERE, THIRD = "us-east-1", *ACCOUNTS, "345678901234"
KEYS = {**ACCOUNTS, THIRD: "AKIDOFTHETHIRD000000:secret-of-the-third"}
# The lightest of the framework images: nothing here is about the framework.
IMAGE = f"683313688378.dkr.ecr.{REGION}.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
MODEL = b"""import json
def model_fn(folder):
    with open(folder + "/weights.json") as file:
        return json.load(file)
def input_fn(body, kind):
    return json.loads(body)
def predict_fn(rows, model):
    return [sum(a * b for a, b in zip(row, model)) for row in rows]
def output_fn(found, accept):
    return json.dumps(found)
"""
ASK = b"""import os, boto3
runtime = boto3.client("sagemaker-runtime")
def handler(event, context):
    answer = runtime.invoke_endpoint(
        EndpointName=os.environ["ENDPOINT"], ContentType="application/json", Body=event["body"]
    )
    return {"statusCode": 200, "body": answer["Body"].read().decode()}
"""
ODD = "a'b\"c ${AWS::Region} %{if} #{x} \n---\nX: !Ref Y"


@pytest.fixture(scope="module")
def sagehen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSagehen]:
    running = RunningSagehen(tmp_path_factory.mktemp("sagehen") / "data")
    running.start("--account", THIRD, "--credentials", KEYS[THIRD])
    yield running
    running.stop()


Clients = Callable[[str], Any]


def clients(sagehen: RunningSagehen, account: str) -> Clients:
    key, secret = KEYS[account].split(":", 1)

    def client(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=sagehen.url,
            region_name=REGION,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=Config(proxies={}, retries={"total_max_attempts": 1}),
        )

    return client


def policy(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def role(client: Clients, name: str, service: str, **rights: Any) -> str:
    trust = policy(Principal={"Service": f"{service}.amazonaws.com"}, Action="sts:AssumeRole")
    arn: str = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    client("iam").put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=policy(**rights))
    return arn


def archive(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def package(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as written:
        for name, content in files.items():
            written.writestr(name, content)
    return buffer.getvalue()


def make_endpoint(client: Clients) -> None:
    s3, sagemaker = client("s3"), client("sagemaker")
    s3.create_bucket(Bucket="linear")
    s3.put_bucket_versioning(Bucket="linear", VersioningConfiguration={"Status": "Enabled"})
    model = archive({"weights.json": b"[2, 3]", "code/inference.py": MODEL})
    s3.put_object(Bucket="linear", Key="models/it's [1].tar.gz", Body=model)
    sagemaker.create_model(
        ModelName="linear",
        ExecutionRoleArn=role(client, "serve", "sagemaker", Action="s3:*", Resource="*"),
        PrimaryContainer={
            "Image": IMAGE,
            "ModelDataUrl": "s3://linear/models/it's [1].tar.gz",
            "Environment": {"SAGEMAKER_PROGRAM": "inference.py", "ODD": ODD},
        },
    )
    variant = {"VariantName": "all", "ModelName": "linear", "InstanceType": "ml.c5.large"}
    sagemaker.create_endpoint_config(
        EndpointConfigName="linear-1", ProductionVariants=[{**variant, "InitialInstanceCount": 1}]
    )
    sagemaker.create_endpoint(EndpointName="linear", EndpointConfigName="linear-1")


def make_scaling(client: Clients) -> None:
    scaling = client("application-autoscaling")
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/linear/variant/all",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=2)
    step = {"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}
    told = scaling.put_scaling_policy(
        **target,
        PolicyName="step",
        PolicyType="StepScaling",
        StepScalingPolicyConfiguration={"AdjustmentType": "ChangeInCapacity", "StepAdjustments": [step]},
    )
    client("cloudwatch").put_metric_alarm(
        AlarmName="linear-slow",
        Namespace="AWS/SageMaker",
        MetricName="ModelLatency",
        Dimensions=[{"Name": "EndpointName", "Value": "linear"}, {"Name": "VariantName", "Value": "all"}],
        Statistic="Average",
        Period=60,
        EvaluationPeriods=3,
        Threshold=5e5,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[told["PolicyARN"]],
    )


def make_function_and_api(client: Clients) -> None:
    functions, api = client("lambda"), client("apigateway")
    arn = functions.create_function(
        FunctionName="ask",
        Runtime=LAMBDA_RUNTIME,
        Role=role(client, "ask", "lambda", Action="sagemaker:*", Resource="*"),
        Handler="ask.handler",
        Code={"ZipFile": package({"ask.py": ASK})},
        Timeout=30,
        Environment={"Variables": {"ENDPOINT": "linear"}},
    )["FunctionArn"]
    made = api.create_rest_api(name="linear")
    method = {"restApiId": made["id"], "resourceId": made["rootResourceId"], "httpMethod": "POST"}
    api.put_method(**method, authorizationType="NONE")
    uri = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations"
    api.put_integration(**method, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    functions.get_waiter("function_active_v2").wait(FunctionName="ask", WaiterConfig={"Delay": 1})
    functions.add_permission(
        FunctionName="ask",
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:{REGION}:{HERE}:{made['id']}/*/POST/",
    )
    api.create_deployment(restApiId=made["id"], stageName="prod")


@pytest.fixture(scope="module")
def here(sagehen: RunningSagehen) -> Clients:
    client = clients(sagehen, HERE)
    make_endpoint(client)
    make_function_and_api(client)
    in_service(client)
    make_scaling(client)
    asked(sagehen, client)  # what its roles do then is all that they may in the export
    return client


def in_service(client: Clients) -> None:
    def told() -> bool:
        status = client("sagemaker").describe_endpoint(EndpointName="linear")["EndpointStatus"]
        assert status != "Failed"
        return bool(status == "InService")

    eventually(told, 120)


def asked(sagehen: RunningSagehen, client: Clients) -> Any:
    """Ask by plain HTTP: API, function, endpoint."""
    [api] = client("apigateway").get_rest_apis()["items"]
    url = f"{sagehen.url}/restapis/{api['id']}/prod/_user_request_/"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(
        urllib.request.Request(url, b"[[1, 1], [0, 4]]", {"Content-Type": "application/json"}), timeout=60
    ) as answer:
        return json.load(answer)


def copied(here: Clients, there: Clients, bucket: str) -> None:
    """What the export's `aws s3 sync` lines do."""
    for key in [one["Key"] for one in here("s3").list_objects_v2(Bucket="linear")["Contents"]]:
        there("s3").put_object(
            Bucket=bucket, Key=key, Body=here("s3").get_object(Bucket="linear", Key=key)["Body"].read()
        )


def deployed(client: Clients, template: str, filled: str, **parameters: str) -> None:
    stacks = client("cloudformation")
    chosen = {"BucketsFilled": filled, **parameters}
    request = {
        "StackName": "linear",
        "TemplateBody": template,
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in chosen.items()],
    }
    stacks.create_stack(**request) if filled == "no" else stacks.update_stack(**request)

    def ended() -> Any:
        [stack] = stacks.describe_stacks(StackName="linear")["Stacks"]
        return None if stack["StackStatus"].endswith("_IN_PROGRESS") else stack

    stack = eventually(ended, 180)
    events = stacks.describe_stack_events(StackName="linear")["StackEvents"]
    failed = [one for one in events if "FAILED" in one["ResourceStatus"]]
    assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), failed


def test_as_a_cloudformation_template(sagehen: RunningSagehen, here: Clients, tmp_path: Path) -> None:
    folder, data = tmp_path / "exported", str(sagehen.data_folder)
    app(["export", "--data", data, "--chain", "linear", "--to", str(folder)], standalone_mode=False)
    template, there = (folder / "template.yaml").read_text(), clients(sagehen, THERE)
    parameters = {"LinearBucketName": "linear-there", "PackagesBucketName": "linear-there"}
    deployed(there, template, "no", **parameters)
    copied(here, there, "linear-there")
    for file in (folder / "packages").iterdir():
        there("s3").upload_file(str(file), "linear-there", f"packages/{file.name}")
    deployed(there, template, "yes", **parameters)
    assert asked(sagehen, there) == asked(sagehen, here) == [5, 12]
    container = there("sagemaker").describe_model(ModelName="linear")["PrimaryContainer"]
    assert container["Environment"]["ODD"] == ODD
    told = there("iam").get_role_policy(RoleName="ask", PolicyName="what-was-used")["PolicyDocument"]
    [invoke] = [one for one in told["Statement"] if one["Action"] == "sagemaker:InvokeEndpoint"]
    assert invoke["Resource"] == f"arn:aws:sagemaker:{REGION}:{THERE}:endpoint/linear"
    # What was made is exported as what it was made from, but for the bucket's name.
    again = read(Asked(there, REGION, THERE), "linear")
    text = cloudformation(again.told)["template.yaml"].decode().replace("linear-there", "linear")
    body = "AWSTemplateFormatVersion"
    assert text.replace("LinearThere", "Linear").partition(body)[2] == template.partition(body)[2]


def test_as_a_script_of_boto3(sagehen: RunningSagehen, here: Clients, tmp_path: Path) -> None:
    folder, data = tmp_path / "exported", str(sagehen.data_folder)
    command = ["export", "--format", "boto3", "--data", data, "--chain", "linear", "--to", str(folder)]
    app(command, standalone_mode=False)
    key, secret = KEYS[THIRD].split(":", 1)
    keys = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_DEFAULT_REGION": REGION}
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment |= {**keys, "AWS_ENDPOINT_URL": sagehen.url}

    def run() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, folder / "make.py", "--linear-bucket-name", "linear-third"]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)

    lacking = run()
    assert lacking.returncode == 1 and "s3://linear-third/models/it's [1].tar.gz" in lacking.stderr
    third = clients(sagehen, THIRD)
    copied(here, third, "linear-third")
    made = run()
    assert made.returncode == 0, made.stderr
    assert asked(sagehen, third) == asked(sagehen, here)
    container = third("sagemaker").describe_model(ModelName="linear")["PrimaryContainer"]
    assert container["Environment"]["ODD"] == ODD
