"""A SAM stack of the shape S3, Lambda, API: deployed as `sam deploy` does, called, changed, taken back."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.cloudformation.stacks import ended, failures, new_name, outputs, physical

SOURCE = """
import json, os, boto3
def handler(event, context):
    s3 = boto3.client("s3")
    bucket = json.loads(os.environ["SETTINGS"])["bucket"]
    body = s3.get_object(Bucket=bucket, Key=json.loads(event["body"])["key"])["Body"].read()
    return {"statusCode": 200, "body": os.environ["GREETING"] + " " + body.decode()}
"""
TEMPLATE = """
Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Parameters:
  Greeting: {Type: String, Default: hello}
Globals:
  Function: {Runtime: python3.11, Timeout: 20, Environment: {Variables: {GREETING: !Ref Greeting}}}
Resources:
  Images: {Type: AWS::S3::Bucket}
  Classify:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: SOURCE
      Handler: index.handler
      Environment: {Variables: {BUCKET: !Ref Images, SETTINGS: {Fn::ToJsonString: {bucket: !Ref Images}}}}
      FunctionUrlConfig: {AuthType: AWS_IAM}
      Policies:
        - S3ReadPolicy: {BucketName: !Ref Images}
        - Version: "2012-10-17"
          Statement: [{Effect: Allow, Action: sagemaker:InvokeEndpoint, Resource: "*"}]
      Events:
        Post: {Type: Api, Properties: {Path: /classify, Method: post}}
Outputs:
  Api: {Value: !Ref ServerlessRestApi}
  Url: {Value: !GetAtt ClassifyUrl.FunctionUrl}
""".replace("SOURCE", json.dumps(SOURCE))


def template(**changes: str) -> str:
    text = TEMPLATE
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


def deploy(cloudformation: Any, name: str, body: str, kind: str, **parameters: str) -> dict[str, Any]:
    """Deploy by a change set, without CAPABILITY_AUTO_EXPAND."""
    values = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
    change_set = {"StackName": name, "ChangeSetName": "deploy"}
    cloudformation.create_change_set(
        **change_set,
        ChangeSetType=kind,
        TemplateBody=body,
        Parameters=values,
        Capabilities=["CAPABILITY_IAM"],
    )
    cloudformation.get_waiter("change_set_create_complete").wait(**change_set, WaiterConfig={"Delay": 1})
    cloudformation.execute_change_set(**change_set)
    return ended(cloudformation, name)


def call(endpoint_url: str, api: str, path: str = "/classify") -> str:
    request = urllib.request.Request(
        f"{endpoint_url}/_aws/execute-api/{api}/Prod{path}", b'{"key": "a"}', method="POST"
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        text: str = answer.read().decode()
    return text


def test_a_sam_stack_from_its_deployment_to_its_end(client: Any, endpoint_url: str) -> None:
    cloudformation, s3, name = client("cloudformation"), client("s3"), new_name()
    told = deploy(cloudformation, name, TEMPLATE, "CREATE")
    assert told["StackStatus"] == "CREATE_COMPLETE", failures(cloudformation, name)
    ids, api = physical(cloudformation, name), outputs(told)["Api"]
    s3.put_object(Bucket=ids["Images"], Key="a", Body=b"woof")
    assert call(endpoint_url, api) == "hello woof"
    assert outputs(told)["Url"].startswith(endpoint_url)
    given = cloudformation.get_template(StackName=name)
    assert given["TemplateBody"] == TEMPLATE and given["StagesAvailable"] == ["Original", "Processed"]
    made = cloudformation.get_template(StackName=name, TemplateStage="Processed")["TemplateBody"]
    assert made["Resources"]["Classify"]["Type"] == "AWS::Lambda::Function" and "Transform" not in made

    moved = template(**{"Path: /classify": "Path: /look"})
    told = deploy(cloudformation, name, moved, "UPDATE", Greeting="hi")
    assert told["StackStatus"] == "UPDATE_COMPLETE", failures(cloudformation, name)
    assert call(endpoint_url, api, "/look") == "hi woof"
    stages = {one["stageName"] for one in client("apigateway").get_stages(restApiId=api)["item"]}
    assert stages == {"Prod", "Stage"}

    after = physical(cloudformation, name)
    broken = template(
        **{"Timeout: 20": "Timeout: 901", "GREETING: !Ref": "OTHER: !Ref", "/classify": "/other"}
    )
    assert deploy(cloudformation, name, broken, "UPDATE")["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert physical(cloudformation, name) == after
    assert call(endpoint_url, api, "/look") == "hi woof"

    s3.delete_object(Bucket=ids["Images"], Key="a")
    cloudformation.delete_stack(StackName=name)
    assert ended(cloudformation, told["StackId"])["StackStatus"] == "DELETE_COMPLETE"
    with pytest.raises(ClientError, match="NotFound"):
        client("lambda").get_function(FunctionName=after["Classify"])


def test_macros_that_fail_are_told_where_clients_look(client: Any) -> None:
    cloudformation, name = client("cloudformation"), new_name()
    with pytest.raises(ClientError, match=r"Requires capabilities : \[CAPABILITY_AUTO_EXPAND\]"):
        cloudformation.create_stack(StackName=name, TemplateBody=TEMPLATE, Capabilities=["CAPABILITY_IAM"])
    told = cloudformation.get_template_summary(TemplateBody=TEMPLATE)
    assert told["DeclaredTransforms"] == ["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"]
    assert "AWS::Serverless::Function" in told["ResourceTypes"]
    change_set = {"StackName": name, "ChangeSetName": "deploy"}
    broken = template(**{"Handler: index.handler": "Handlers: index.handler"})
    cloudformation.create_change_set(**change_set, ChangeSetType="CREATE", TemplateBody=broken)
    failed = cloudformation.describe_change_set(**change_set)
    assert failed["Status"] == "FAILED"
    assert "Transform AWS::Serverless-2016-10-31 failed with: Invalid Serverless" in failed["StatusReason"]
    assert cloudformation.get_template(**change_set)["StagesAvailable"] == ["Original"]
    cloudformation.delete_stack(StackName=name)
