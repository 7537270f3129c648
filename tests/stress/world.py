"""What exists before the fuzz begins: a handler looks further once it finds what a request is about."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from tests.e2e import story
from tests.running import LAMBDA_RUNTIME, RunningSagehen

ROLE = "arn:aws:iam::123456789012:role/stress"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": f"{service}.amazonaws.com"}}
        for service in ("lambda", "sagemaker", "apigateway")
    ],
}
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


def build(sagehen: RunningSagehen) -> dict[str, list[Any]]:
    """Make a little of everything; return values by lower-case member name that lead to it."""
    known: dict[str, list[Any]] = {}

    def know(**values: Any) -> None:
        for name, value in values.items():
            known.setdefault(name.lower(), []).append(value)

    s3 = story.client(sagehen, "s3")
    s3.create_bucket(Bucket="stress-bucket")
    s3.put_bucket_versioning(Bucket="stress-bucket", VersioningConfiguration={"Status": "Enabled"})
    etag = s3.put_object(Bucket="stress-bucket", Key="stress", Body=b"a,b\n", Metadata={"a": "b"})["ETag"]
    upload = s3.create_multipart_upload(Bucket="stress-bucket", Key="stress")["UploadId"]
    know(
        Bucket="stress-bucket", Key="stress", UploadId=upload, PartNumber=1, CopySource="stress-bucket/stress"
    )
    know(S3Bucket="stress-bucket", S3Key="stress", ETag=etag, ModelDataUrl="s3://stress-bucket/stress")
    know(S3Uri="s3://stress-bucket/stress", S3OutputPath="s3://stress-bucket/out", Policy=json.dumps(POLICY))
    _identities(story.client(sagehen, "iam"), know)
    _apis(story.client(sagehen, "apigateway"), know)
    logs = story.client(sagehen, "logs")
    logs.create_log_group(logGroupName="stress")
    logs.create_log_stream(logGroupName="stress", logStreamName="stress")
    group = "arn:aws:logs:us-east-1:123456789012:log-group:stress"
    know(logGroupName="stress", logStreamName="stress", logGroupIdentifier=group, resourceArn=group)
    story.client(sagehen, "cloudwatch").put_metric_alarm(
        AlarmName="stress", Namespace="stress", MetricName="stress", Statistic="Sum", Period=60,
        EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    know(
        AlarmName="stress", AlarmNames="stress", Namespace="stress", MetricName="stress", Expression="m1 * 2"
    )
    know(Period=60, Stat="Sum", Statistic="Sum", EvaluationPeriods=1, MetricStat={}, StateValue="ALARM")
    _models(story.client(sagehen, "sagemaker"), know)
    _function(story.client(sagehen, "lambda"), know)
    return known


def _identities(iam: Any, know: Any) -> None:
    iam.create_role(RoleName="stress", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.create_user(UserName="stress")
    iam.create_group(GroupName="stress")
    arn = iam.create_policy(PolicyName="stress", PolicyDocument=json.dumps(POLICY))["Policy"]["Arn"]
    iam.put_role_policy(RoleName="stress", PolicyName="stress", PolicyDocument=json.dumps(POLICY))
    know(RoleName="stress", UserName="stress", GroupName="stress", PolicyName="stress", PolicyArn=arn)
    know(PolicyDocument=json.dumps(POLICY), AssumeRolePolicyDocument=json.dumps(TRUST), RoleArn=ROLE)
    know(Role=ROLE, ExecutionRoleArn=ROLE, RoleSessionName="stress", PolicySourceArn=ROLE, VersionId="v1")
    know(PolicyInputList=json.dumps(POLICY), ActionNames="s3:GetObject", Tags={}, Path="/")


def _apis(apigateway: Any, know: Any) -> None:
    api = apigateway.create_rest_api(name="stress")["id"]
    root = apigateway.get_resources(restApiId=api)["items"][0]["id"]
    place = {"restApiId": api, "resourceId": root, "httpMethod": "GET"}
    apigateway.put_method(**place, authorizationType="NONE")
    apigateway.put_integration(
        **place, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'}
    )
    apigateway.put_method_response(**place, statusCode="200")
    apigateway.put_integration_response(**place, statusCode="200")
    deployment = apigateway.create_deployment(restApiId=api, stageName="stress")["id"]
    apigateway.create_model(
        restApiId=api, name="stress", contentType="application/json", schema='{"type": "object"}'
    )
    plan = apigateway.create_usage_plan(name="stress", apiStages=[{"apiId": api, "stage": "stress"}])["id"]
    key = apigateway.create_api_key(name="stress", enabled=True)["id"]
    know(
        **place, parentId=root, stageName="stress", deploymentId=deployment, modelName="stress", pathPart="p"
    )
    know(
        statusCode="200",
        usagePlanId=plan,
        keyId=key,
        apiKey=key,
        keyType="API_KEY",
        apiId=api,
        stage="stress",
    )
    know(authorizationType="NONE", type="MOCK", resourceArn=f"arn:aws:apigateway:us-east-1::/restapis/{api}")
    know(contentType="application/json", schema='{"type": "object"}', exportType="oas30", op="replace")
    know(path="/name", path_="/description", responseType="DEFAULT_4XX", body=b'{"openapi": "3.0.1"}')


def _models(sagemaker: Any, know: Any) -> None:
    sagemaker.create_model(ModelName="stress", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": story.IMAGE})
    variant = {
        "VariantName": "v",
        "ModelName": "stress",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    sagemaker.create_endpoint_config(EndpointConfigName="stress", ProductionVariants=[variant])
    know(ModelName="stress", EndpointConfigName="stress", Image=story.IMAGE, TrainingImage=story.IMAGE)
    know(InstanceType="ml.m5.large", InstanceCount=1, VolumeSizeInGB=1, InitialInstanceCount=1)
    know(ResourceArn="arn:aws:sagemaker:us-east-1:123456789012:model/stress")


def _function(functions: Any, know: Any) -> None:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("f.py", "def handler(event, context): return event\n")
    functions.create_function(
        FunctionName="stress", Runtime=LAMBDA_RUNTIME, Role=ROLE, Handler="f.handler",
        Code={"ZipFile": package.getvalue()},
    )  # fmt: skip
    know(FunctionName="stress", Runtime=LAMBDA_RUNTIME, Handler="f.handler", FunctionVersion="$LATEST")
    functions.publish_layer_version(LayerName="stress", Content={"ZipFile": package.getvalue()})
    know(LayerName="stress", VersionNumber=1)
    know(
        ZipFile=package.getvalue(),
        Qualifier="$LATEST",
        Resource="arn:aws:lambda:us-east-1:123456789012:function:stress",
    )
