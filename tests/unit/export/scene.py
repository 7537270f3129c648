"""A small chain as readers tell it, with names that mean something in every language."""

from __future__ import annotations

from typing import Any

from sagehen.export.graph.exported import Exported, exported
from sagehen.export.graph.linking import linked
from sagehen.export.graph.node import Node
from sagehen.export.graph.values import Image, Key, Named, Package, PolicyDocument, Stored

REGION, ACCOUNT = "us-east-1", "123456789012"
BUCKET = Key("AWS::S3::Bucket", "dogs")
ROLE = Key("AWS::IAM::Role", "ask")
MODEL = Key("AWS::SageMaker::Model", "classifier")
ENDPOINT = Key("AWS::SageMaker::Endpoint", "classifier")
CONFIG = Key("AWS::SageMaker::EndpointConfig", "classifier")
FUNCTION = Key("AWS::Lambda::Function", "ask")
API = Key("AWS::ApiGateway::RestApi", "abcde12345")
ENDPOINT_ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/classifier"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/ask"
FUNCTION_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:ask"
HOSTILE = "a'b\"c \\ ${AWS::Region} %{if x} #{y} $(id) `id` \u2028 \n---\nX: !Ref Y"


def bucket() -> Node:
    return Node(BUCKET, "dogs", {"BucketName": Named(BUCKET, "", "dogs")})


def role(*statements: dict[str, Any]) -> Node:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    found: dict[str, Any] = {"RoleName": "ask", "AssumeRolePolicyDocument": policy(trust)}
    if statements:
        found["Policies"] = [{"PolicyName": "own", "PolicyDocument": policy(*statements)}]
    return Node(ROLE, "ask", found, {ROLE_ARN: "Arn"})


def policy(*statements: dict[str, Any]) -> PolicyDocument:
    return PolicyDocument({"Version": "2012-10-17", "Statement": list(statements)})


def hosting() -> list[Node]:
    container = {
        "Image": Image("763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.6.0"),
        "ModelDataUrl": Stored("s3://dogs/jobs/1/model.tar.gz", "classifier"),
    }
    variant = {
        "VariantName": "all",
        "ModelName": Named(MODEL, "ModelName", "classifier"),
        "InstanceType": "ml.c5.large",
        "InitialInstanceCount": 1,
    }
    arn = ENDPOINT_ARN.replace("endpoint/", "model/")
    config = Named(CONFIG, "EndpointConfigName", "classifier")
    return [
        Node(MODEL, "classifier", {"PrimaryContainer": container, "ExecutionRoleArn": ROLE_ARN}, {arn: ""}),
        Node(CONFIG, "classifier", {"ProductionVariants": [variant]}),
        Node(ENDPOINT, "classifier", {"EndpointConfigName": config}, {ENDPOINT_ARN: ""}),
    ]


def function(**variables: str) -> Node:
    found = {
        "FunctionName": "ask",
        "Runtime": "python3.11",
        "Handler": "ask.handler",
        "Role": ROLE_ARN,
        "Environment": {"Variables": variables},
        "Code": Package("packages/Ask-1.zip", "http://127.0.0.1/ask.zip", "0" * 64),
    }
    return Node(FUNCTION, "ask", found, {FUNCTION_ARN: "Arn"})


def api() -> list[Node]:
    uri = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{FUNCTION_ARN}/invocations"
    integration = {"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": uri}
    source = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{API.identity}/*/GET/"
    ids = {"RestApiId": Named(API, "", API.identity), "ResourceId": Named(API, "RootResourceId", "r")}
    return [
        Node(API, "api", {"Name": "api"}, {API.identity: ""}, generated=True, part_of=(FUNCTION,)),
        Node(
            Key("AWS::ApiGateway::Method", "m"),
            "api get",
            {**ids, "HttpMethod": "GET", "AuthorizationType": "NONE", "Integration": integration},
            part_of=(API, FUNCTION),
        ),
        Node(
            Key("AWS::Lambda::Permission", "p"),
            "ask api",
            {
                "Action": "lambda:InvokeFunction",
                "Principal": "apigateway.amazonaws.com",
                "FunctionName": Named(FUNCTION, "", "ask"),
                "SourceArn": source,
            },
            part_of=(FUNCTION,),
        ),
    ]


def link(*nodes: Node) -> dict[Key, dict[str, Any]]:
    return {node.key: dict(node.properties) for node in linked(nodes, REGION, ACCOUNT)}


def scene(**variables: str) -> list[Node]:
    invoke = {"Effect": "Allow", "Action": "sagemaker:InvokeEndpoint", "Resource": ENDPOINT_ARN}
    return [bucket(), role(invoke), *hosting(), function(**variables), *api()]


def whole(**variables: str) -> Exported:
    return exported(linked(scene(**variables), REGION, ACCOUNT), REGION, ACCOUNT, ["a\n!Ref b"])
