"""REST APIs end to end: real functions behind real stages, called by plain HTTP and by a browser."""

from __future__ import annotations

import http.client
import io
import json
import ssl
import time
import urllib.error
import urllib.request
import uuid
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.e2e.story import client
from tests.running import ACCOUNTS, LAMBDA_RUNTIME, RunningSagehen

ACCOUNT = "123456789012"
CODE = '''
import base64, json

def echo(event, context):
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(event)}

def look(event, context):
    """An image in, its size and first bytes out; and the image itself on demand."""
    image = base64.b64decode(event["body"]) if event["isBase64Encoded"] else event["body"].encode()
    headers = {"Access-Control-Allow-Origin": "*"}
    if (event["queryStringParameters"] or {}).get("back"):
        headers["Content-Type"] = "image/png"
        return {"body": base64.b64encode(image).decode(), "isBase64Encoded": True, "headers": headers}
    return {"body": json.dumps({"bytes": len(image), "head": image[:4].hex()}), "headers": headers}

def chatty(event, context):
    return {"statusCode": 200, "body": "fine", "class": "cat", "got": event}

def guard(event, context):
    token = event["authorizationToken"]
    if token == "fail":
        raise Exception("Unauthorized")
    effect = "Allow" if token == "yes" else "Deny"
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": "*"}
    return {"principalId": "ada", "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
            "context": {"mood": "good", "n": 5}}
'''
PAGE = """<!doctype html><meta charset=utf-8><title>What is it?</title>
<input type=file id=file><p id=answer>drop an image</p>
<script>
document.getElementById("file").onchange = async event => {
  const body = event.target.files[0];
  const reply = await fetch("look", {method: "POST", body, headers: {"Content-Type": "image/png"}});
  document.getElementById("answer").textContent = JSON.stringify(await reply.json());
};
</script>"""
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)


@dataclass
class Answer:
    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Api:
    """An API in the making, by boto3."""

    def __init__(self, sagehen: RunningSagehen, **options: Any) -> None:
        self.sagehen = sagehen
        self.client = client(sagehen, "apigateway")
        self.id = self.client.create_rest_api(name=f"api-{uuid.uuid4().hex[:6]}", **options)["id"]
        self.paths = {"/": self.client.get_resources(restApiId=self.id)["items"][0]["id"]}

    def resource(self, path: str) -> str:
        parent, _, part = path.rpartition("/")
        if path not in self.paths:
            above = self.resource(parent or "/")
            made = self.client.create_resource(restApiId=self.id, parentId=above, pathPart=part)
            self.paths[path] = made["id"]
        return self.paths[path]

    def method(self, path: str, verb: str, auth: str = "NONE", **options: Any) -> dict[str, str]:
        place = {"restApiId": self.id, "resourceId": self.resource(path), "httpMethod": verb}
        self.client.put_method(**place, authorizationType=auth, **options)
        return place

    def function(
        self, path: str, verb: str, arn: str, kind: str = "AWS_PROXY", auth: str = "NONE", **options: Any
    ) -> dict[str, str]:
        place = self.method(path, verb, auth, **options)
        uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"
        self.client.put_integration(**place, type=kind, integrationHttpMethod="POST", uri=uri)
        if kind == "AWS":
            self.client.put_method_response(**place, statusCode="200")
            self.client.put_integration_response(**place, statusCode="200")
        return place

    def mock(
        self, path: str, verb: str, status: str, headers: dict[str, str], body: str = "", **options: Any
    ) -> None:
        place = self.method(path, verb, **options)
        self.client.put_method_response(
            **place,
            statusCode=status,
            responseParameters={f"method.response.header.{name}": False for name in headers},
        )
        template = {"application/json": json.dumps({"statusCode": int(status)})}
        self.client.put_integration(**place, type="MOCK", requestTemplates=template)
        self.client.put_integration_response(
            **place,
            statusCode=status,
            responseTemplates={"application/json": body},
            responseParameters={
                f"method.response.header.{name}": f"'{value}'" for name, value in headers.items()
            },
        )

    def deploy(self, stage: str = "prod") -> None:
        self.client.create_deployment(restApiId=self.id, stageName=stage)

    def url(self, path: str = "/", stage: str = "prod") -> str:
        return f"{self.sagehen.url}/restapis/{self.id}/{stage}/_user_request_{path}"

    def call(
        self,
        verb: str,
        path: str = "/",
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        stage: str = "prod",
    ) -> Answer:
        host, port = self.sagehen.facts["host"], self.sagehen.facts["port"]
        connection = http.client.HTTPConnection(host, port, timeout=30)
        try:
            own = {"Host": f"{self.id}.execute-api.localhost:{port}", **(headers or {})}
            connection.request(verb, f"/{stage}{path}", body=body, headers=own)
            reply = connection.getresponse()
            return Answer(reply.status, reply.headers, reply.read())
        finally:
            connection.close()


@pytest.fixture(scope="module")
def functions(sagehen: RunningSagehen) -> dict[str, str]:
    """The functions of CODE by name -> ARN; API Gateway may invoke them all."""
    iam, lambda_ = client(sagehen, "iam"), client(sagehen, "lambda")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": ["lambda.amazonaws.com", "apigateway.amazonaws.com"]},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    role = iam.create_role(RoleName="works", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("code.py", CODE)
    found = {}
    for name in ("echo", "look", "chatty", "guard"):
        made = lambda_.create_function(
            FunctionName=name,
            Runtime=LAMBDA_RUNTIME,
            Role=role,
            Handler=f"code.{name}",
            Timeout=10,
            Code={"ZipFile": buffer.getvalue()},
        )
        lambda_.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
        lambda_.add_permission(
            FunctionName=name,
            StatementId="api",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=f"arn:aws:execute-api:us-east-1:{ACCOUNT}:*",
        )
        found[name] = made["FunctionArn"]
    return found


def eventually(what: Callable[[], Any], timeout_s: float = 10) -> Any:
    deadline = time.monotonic() + timeout_s
    while True:
        found = what()
        if found or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


def test_a_function_by_every_door(sagehen: RunningSagehen, functions: dict[str, str]) -> None:
    api = Api(sagehen)
    api.function("/{proxy+}", "ANY", functions["echo"])
    api.deploy()
    by_host = api.call(
        "PUT", "/a/b?x=1&x=2", b'{"n": 1}', {"X-Mixed-Case": "Yes", "content-type": "application/json"}
    )
    assert by_host.status == 200, by_host.body
    event = by_host.json
    assert (event["path"], event["pathParameters"], event["body"]) == ("/a/b", {"proxy": "a/b"}, '{"n": 1}')
    assert event["headers"]["X-Mixed-Case"] == "Yes"
    assert event["multiValueQueryStringParameters"] == {"x": ["1", "2"]}
    assert event["requestContext"]["requestId"] == by_host.headers["x-amzn-RequestId"]
    for url in (api.url("/a"), f"{sagehen.url}/_aws/execute-api/{api.id}/prod/a"):
        with urllib.request.urlopen(url, timeout=20) as answer:
            assert json.load(answer)["resource"] == "/{proxy+}"
    context = ssl.create_default_context(cafile=sagehen.facts["ca_certificate"])
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({"https": sagehen.url}), urllib.request.HTTPSHandler(context=context)
    )
    with opener.open(
        f"https://{api.id}.execute-api.us-east-1.amazonaws.com/prod/a?q=1", timeout=20
    ) as answer:
        event = json.load(answer)
    assert event["requestContext"]["domainName"] == f"{api.id}.execute-api.us-east-1.amazonaws.com"
    assert event["headers"]["X-Forwarded-Proto"] == "https"


def test_what_is_not_deployed_is_not_there(sagehen: RunningSagehen, functions: dict[str, str]) -> None:
    api = Api(sagehen)
    api.function("/", "GET", functions["echo"])
    assert (api.call("GET").status, api.call("GET").json) == (403, {"message": "Forbidden"})
    api.deploy()
    assert api.call("GET").status == 200
    api.function("/later", "GET", functions["echo"])
    assert api.call("GET", "/later").json == {"message": "Missing Authentication Token"}
    api.deploy()
    assert api.call("GET", "/later").status == 200


def test_an_image_there_and_back(sagehen: RunningSagehen, functions: dict[str, str]) -> None:
    api = Api(sagehen, binaryMediaTypes=["image/png"])
    api.function("/look", "POST", functions["look"])
    api.deploy()
    headers = {"Content-Type": "image/png", "Accept": "image/png"}
    assert api.call("POST", "/look", PNG, headers).json == {"bytes": len(PNG), "head": "89504e47"}
    back = api.call("POST", "/look?back=1", PNG, headers)
    assert (back.body, back.headers["Content-Type"]) == (PNG, "image/png")


def test_more_keys_than_a_proxy_allows(sagehen: RunningSagehen, functions: dict[str, str]) -> None:
    api = Api(sagehen)
    api.function("/mapped", "POST", functions["chatty"], "AWS")
    api.function("/proxy", "POST", functions["chatty"])
    api.deploy()
    mapped = api.call("POST", "/mapped", b'{"a": 1}', {"Content-Type": "application/json"})
    assert (mapped.status, mapped.json) == (
        200,
        {"statusCode": 200, "body": "fine", "class": "cat", "got": {"a": 1}},
    )
    proxy = api.call("POST", "/proxy", b'{"a": 1}')
    assert (proxy.status, proxy.json) == (502, {"message": "Internal server error"})


def test_without_permission_the_function_is_out_of_reach(
    sagehen: RunningSagehen, functions: dict[str, str]
) -> None:
    lambda_ = client(sagehen, "lambda")
    api = Api(sagehen)
    api.function("/", "GET", functions["echo"])
    api.deploy()
    lambda_.remove_permission(FunctionName="echo", StatementId="api")
    try:
        assert (api.call("GET").status, api.call("GET").json) == (500, {"message": "Internal server error"})
    finally:
        lambda_.add_permission(
            FunctionName="echo",
            StatementId="api",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=f"arn:aws:execute-api:us-east-1:{ACCOUNT}:*",
        )
    assert api.call("GET").status == 200


def test_iam(sagehen: RunningSagehen, functions: dict[str, str]) -> None:
    api = Api(sagehen)
    api.function("/mine", "POST", functions["echo"], auth="AWS_IAM")
    api.deploy()
    iam = client(sagehen, "iam")
    iam.create_user(UserName="ada")
    key = iam.create_access_key(UserName="ada")["AccessKey"]

    def send(key_id: str, secret: str) -> Answer:
        request = AWSRequest(
            "POST", api.url("/mine?b=2&a=1"), data=b"{}", headers={"Content-Type": "application/json"}
        )
        SigV4Auth(Credentials(key_id, secret), "execute-api", "us-east-1").add_auth(request)
        prepared = request.prepare()
        plain = urllib.request.Request(prepared.url, b"{}", dict(prepared.headers), method="POST")
        try:
            with urllib.request.urlopen(plain, timeout=20) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    assert api.call("POST", "/mine", b"{}").json == {"message": "Missing Authentication Token"}
    root = send(*ACCOUNTS[ACCOUNT].split(":"))
    assert root.json["requestContext"]["identity"]["userArn"] == f"arn:aws:iam::{ACCOUNT}:root"
    denied = send(key["AccessKeyId"], key["SecretAccessKey"])
    assert denied.status == 403
    assert denied.json["Message"].startswith(
        f"User: arn:aws:iam::{ACCOUNT}:user/ada is not authorized to perform: execute-api:Invoke on "
        "resource: "
        f"arn:aws:execute-api:us-east-1:********9012:{api.id}/prod/POST/mine"
    )
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "execute-api:Invoke",
                "Resource": f"arn:aws:execute-api:us-east-1:{ACCOUNT}:{api.id}/prod/POST/mine",
            }
        ],
    }
    iam.put_user_policy(UserName="ada", PolicyName="call", PolicyDocument=json.dumps(policy))
    assert send(key["AccessKeyId"], key["SecretAccessKey"]).status == 200
    forged = send(key["AccessKeyId"], "not the secret")
    assert (forged.status, forged.headers["x-amzn-ErrorType"]) == (403, "InvalidSignatureException")


def test_a_lambda_authorizer_and_a_usage_plan(sagehen: RunningSagehen, functions: dict[str, str]) -> None:
    api = Api(sagehen)
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{functions['guard']}/invocations"
    authorizer = api.client.create_authorizer(
        restApiId=api.id,
        name="guard",
        type="TOKEN",
        authorizerUri=uri,
        identitySource="method.request.header.Authorization",
    )["id"]
    api.function("/", "GET", functions["echo"], auth="CUSTOM", authorizerId=authorizer, apiKeyRequired=True)
    api.deploy()
    key = api.client.create_api_key(name="k", enabled=True)
    plan = api.client.create_usage_plan(
        name="p", apiStages=[{"apiId": api.id, "stage": "prod"}], quota={"limit": 2, "period": "DAY"}
    )["id"]
    api.client.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY")
    mine = {"x-api-key": key["value"]}
    assert api.call("GET", headers=mine).status == 401
    assert api.call("GET", headers={**mine, "Authorization": "fail"}).json == {"message": "Unauthorized"}
    assert api.call("GET", headers={**mine, "Authorization": "no"}).status == 403
    assert api.call("GET", headers={"Authorization": "yes"}).json == {"message": "Forbidden"}
    good = [api.call("GET", headers={**mine, "Authorization": "yes"}) for _ in range(3)]
    assert [one.status for one in good] == [200, 200, 429]
    assert good[2].json == {"message": "Limit Exceeded"}
    seen = good[0].json["requestContext"]
    assert (seen["authorizer"]["mood"], seen["authorizer"]["n"], seen["identity"]["apiKey"]) == (
        "good",
        "5",
        key["value"],
    )
    tested = api.client.test_invoke_authorizer(
        restApiId=api.id, authorizerId=authorizer, headers={"Authorization": "yes"}
    )
    assert (tested["clientStatus"], tested["principalId"]) == (200, "ada")


def test_logs_metrics_and_a_test_invocation(sagehen: RunningSagehen, functions: dict[str, str]) -> None:
    api = Api(sagehen)
    place = api.function("/pets", "GET", functions["echo"])
    api.deploy()
    role = client(sagehen, "iam").get_role(RoleName="works")["Role"]["Arn"]
    api.client.update_account(
        patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": role}]
    )
    group = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:calls"
    client(sagehen, "logs").create_log_group(logGroupName="calls")
    api.client.update_stage(
        restApiId=api.id,
        stageName="prod",
        patchOperations=[
            {"op": "replace", "path": "/*/*/logging/loglevel", "value": "INFO"},
            {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": group},
            {
                "op": "replace",
                "path": "/accessLogSettings/format",
                "value": "$context.requestId $context.status",
            },
        ],
    )
    assert api.call("GET", "/pets").status == 200
    logs = client(sagehen, "logs")

    def lines(name: str) -> list[str]:
        try:
            return [event["message"] for event in logs.filter_log_events(logGroupName=name)["events"]]
        except logs.exceptions.ResourceNotFoundException:
            return []

    execution = eventually(lambda: lines(f"API-Gateway-Execution-Logs_{api.id}/prod"))
    assert any(line.endswith("Method completed with status: 200") for line in execution)
    assert eventually(lambda: lines("calls"))[0].endswith(" 200")
    cloudwatch = client(sagehen, "cloudwatch")
    metrics = eventually(
        lambda: cloudwatch.list_metrics(
            Namespace="AWS/ApiGateway", Dimensions=[{"Name": "Stage", "Value": "prod"}]
        )["Metrics"]
    )
    assert {one["MetricName"] for one in metrics} >= {
        "Count",
        "4XXError",
        "5XXError",
        "Latency",
        "IntegrationLatency",
    }
    tested = api.client.test_invoke_method(**place, pathWithQueryString="/pets?q=1")
    assert (tested["status"], json.loads(tested["body"])["queryStringParameters"]) == (200, {"q": "1"})
    assert "Method completed with status: 200" in tested["log"]


def test_an_object_through_an_api(sagehen: RunningSagehen, functions: dict[str, str]) -> None:
    """S3 behind a method, with the rights of the integration's role and no others."""
    iam, s3 = client(sagehen, "iam"), client(sagehen, "s3")
    s3.create_bucket(Bucket="shown")
    s3.put_object(Bucket="shown", Key="cat pictures/1.png", Body=PNG, ContentType="image/png")
    api = Api(sagehen, binaryMediaTypes=["image/png"])
    place = api.method("/files/{key+}", "GET", requestParameters={"method.request.path.key": True})
    role = iam.get_role(RoleName="works")["Role"]["Arn"]
    api.client.put_integration(
        **place,
        type="AWS",
        integrationHttpMethod="GET",
        credentials=role,
        uri="arn:aws:apigateway:us-east-1:s3:path/shown/{key}",
        requestParameters={"integration.request.path.key": "method.request.path.key"},
    )
    for status, pattern in (("200", ""), ("403", "403")):
        headers = {"method.response.header.Content-Type": True}
        api.client.put_method_response(**place, statusCode=status, responseParameters=headers)
        api.client.put_integration_response(
            **place,
            statusCode=status,
            selectionPattern=pattern,
            responseParameters={
                "method.response.header.Content-Type": "integration.response.header.Content-Type"
            },
        )
    api.deploy()
    assert api.call("GET", "/files/cat%20pictures/1.png").status == 403
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shown/*"}],
    }
    iam.put_role_policy(RoleName="works", PolicyName="read", PolicyDocument=json.dumps(policy))
    found = api.call("GET", "/files/cat%20pictures/1.png", headers={"Accept": "image/png"})
    assert (found.status, found.body, found.headers["Content-Type"]) == (200, PNG, "image/png")


def test_an_endpoint_through_an_api(sagehen: RunningSagehen, functions: dict[str, str]) -> None:
    """SageMaker's runtime behind a method; its refusals come back by their status."""
    iam, api = client(sagehen, "iam"), Api(sagehen)
    place = api.method("/predict/{name}", "POST", requestParameters={"method.request.path.name": True})
    api.client.put_integration(
        **place,
        type="AWS",
        integrationHttpMethod="POST",
        credentials=iam.get_role(RoleName="works")["Role"]["Arn"],
        uri="arn:aws:apigateway:us-east-1:runtime.sagemaker:path/endpoints/{name}/invocations",
        requestParameters={"integration.request.path.name": "method.request.path.name"},
    )
    for status, pattern in (("200", ""), ("400", "400"), ("403", "403")):
        api.client.put_method_response(**place, statusCode=status)
        api.client.put_integration_response(**place, statusCode=status, selectionPattern=pattern)
    api.deploy()
    denied = api.call("POST", "/predict/cats", b"1,2")
    assert denied.status == 403
    assert b"is not authorized to perform: sagemaker:InvokeEndpoint" in denied.body
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sagemaker:InvokeEndpoint", "Resource": "*"}],
    }
    iam.put_role_policy(RoleName="works", PolicyName="predict", PolicyDocument=json.dumps(policy))
    missing = api.call("POST", "/predict/cats", b"1,2")
    assert missing.status == 400
    assert f"Endpoint cats of account {ACCOUNT} not found." in missing.body.decode()


def test_a_resource_policy(sagehen: RunningSagehen) -> None:
    def policy(address: str) -> str:
        allow = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "execute-api:Invoke",
            "Resource": "execute-api:/*",
        }
        condition = {"IpAddress": {"aws:SourceIp": address}}
        return json.dumps({"Version": "2012-10-17", "Statement": [{**allow, "Condition": condition}]})

    api = Api(sagehen, policy=policy("127.0.0.0/8"))
    api.mock("/", "GET", "200", {}, "fine")
    api.deploy()
    assert api.call("GET").status == 200
    api.client.update_rest_api(
        restApiId=api.id,
        patchOperations=[{"op": "replace", "path": "/policy", "value": policy("10.0.0.0/8")}],
    )
    assert api.call("GET").status == 200  # what is deployed holds until the next deployment
    api.deploy()
    denied = api.call("GET")
    assert denied.status == 403
    assert denied.json["Message"].startswith(
        "User: anonymous is not authorized to perform: execute-api:Invoke on resource: "
        f"arn:aws:execute-api:us-east-1:********9012:{api.id}/prod/GET/"
    )


def test_what_the_api_refuses_by_itself(sagehen: RunningSagehen, functions: dict[str, str]) -> None:
    api = Api(sagehen)
    schema = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
    api.client.create_model(
        restApiId=api.id, name="N", contentType="application/json", schema=json.dumps(schema)
    )
    validator = api.client.create_request_validator(
        restApiId=api.id, name="all", validateRequestBody=True, validateRequestParameters=True
    )["id"]
    api.function(
        "/n",
        "POST",
        functions["echo"],
        requestValidatorId=validator,
        requestModels={"application/json": "N"},
        requestParameters={"method.request.querystring.q": True},
    )
    api.client.put_gateway_response(
        restApiId=api.id,
        responseType="DEFAULT_4XX",
        responseParameters={"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"},
    )
    api.deploy()
    missing = api.call("POST", "/n", b'{"n": 1}')
    assert (missing.status, missing.json) == (400, {"message": "Missing required request parameters: [q]"})
    assert missing.headers["Access-Control-Allow-Origin"] == "*"
    bad = api.call("POST", "/n?q=1", b'{"n": "x"}')
    assert (bad.status, bad.json) == (400, {"message": "Invalid request body"})
    assert api.call("POST", "/n?q=1", b'{"n": 1}').status == 200
    large = api.call("POST", "/n?q=1", b" " * (11 * 1024 * 1024))
    assert (large.status, large.json) == (413, {"message": "HTTP content length exceeded 10485760 bytes."})


def test_a_stages_settings_act(sagehen: RunningSagehen) -> None:
    """Throttling and a canary, set by the control plane on a stage that is being called."""
    api = Api(sagehen)
    api.mock("/", "GET", "200", {}, "old")
    api.deploy()
    assert [api.call("GET").status for _ in range(5)] == [200] * 5

    def patch(**operations: str) -> None:
        api.client.update_stage(
            restApiId=api.id,
            stageName="prod",
            patchOperations=[
                {"op": "replace", "path": path.replace("__", "/"), "value": value}
                for path, value in operations.items()
            ],
        )

    patch(**{"__*__*__throttling__rateLimit": "1", "__*__*__throttling__burstLimit": "2"})
    statuses = [api.call("GET").status for _ in range(6)]
    assert statuses[:2] == [200, 200]
    assert 429 in statuses[2:]
    patch(**{"__*__*__throttling__rateLimit": "10000", "__*__*__throttling__burstLimit": "5000"})
    place = {"restApiId": api.id, "resourceId": api.paths["/"], "httpMethod": "GET"}
    api.client.put_integration_response(
        **place, statusCode="200", responseTemplates={"application/json": "new"}
    )
    api.client.create_deployment(restApiId=api.id, stageName="prod", canarySettings={"percentTraffic": 50.0})
    assert {api.call("GET").body for _ in range(60)} == {b"old", b"new"}


def test_an_imported_api_answers(sagehen: RunningSagehen) -> None:
    """An OpenAPI document with AWS's extensions, deployed and called."""
    response = {
        "statusCode": "200",
        "responseTemplates": {"application/json": '{"hello": "$input.params(\'name\')"}'},
    }
    document = {
        "openapi": "3.0.1",
        "info": {"title": "greeter", "version": "1"},
        "paths": {
            "/hello/{name}": {
                "get": {
                    "parameters": [
                        {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
                    ],
                    "responses": {"200": {"description": "fine", "content": {}}},
                    "x-amazon-apigateway-integration": {
                        "type": "mock",
                        "requestTemplates": {"application/json": '{"statusCode": 200}'},
                        "responses": {"default": response},
                    },
                }
            }
        },
    }
    apis = client(sagehen, "apigateway")
    made = apis.import_rest_api(body=json.dumps(document).encode())
    apis.create_deployment(restApiId=made["id"], stageName="v1")
    url = f"{sagehen.url}/restapis/{made['id']}/v1/_user_request_/hello/w%C3%B6rld"
    with urllib.request.urlopen(url, timeout=20) as answer:
        assert json.load(answer) == {"hello": "wörld"}


def test_another_server_behind_an_api(sagehen: RunningSagehen) -> None:
    """HTTP_PROXY: here the other server is the platform's own health page."""
    api = Api(sagehen)
    place = api.method("/{proxy+}", "ANY", requestParameters={"method.request.path.proxy": True})
    api.client.put_integration(
        **place,
        type="HTTP_PROXY",
        integrationHttpMethod="ANY",
        uri=f"{sagehen.url}/_sagehen/{{proxy}}",
        requestParameters={"integration.request.path.proxy": "method.request.path.proxy"},
    )
    api.deploy()
    assert api.call("GET", "/health").json["status"] == "running"
    assert api.call("GET", "/nothing").status == 404


def test_a_page_at_the_stages_root_in_a_browser(
    sagehen: RunningSagehen, functions: dict[str, str], tmp_path: Path
) -> None:
    """A person opens the page that the API itself serves, picks an image, and sees the function's answer."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not Path("/usr/bin/chromium").exists():
        pytest.skip("no /usr/bin/chromium here")
    api = Api(sagehen, binaryMediaTypes=["image/png"])
    api.mock("/", "GET", "200", {"Content-Type": "text/html; charset=utf-8"}, PAGE)
    api.function("/look", "POST", functions["look"])
    preflight = {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "POST,OPTIONS",
        "Access-Control-Allow-Headers": "Content-Type",
    }
    api.mock("/look", "OPTIONS", "204", preflight)
    api.deploy()
    image = tmp_path / "dot.png"
    image.write_bytes(PNG)
    port = sagehen.facts["port"]
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        try:
            page = browser.new_page()
            page.goto(f"http://{api.id}.execute-api.localhost:{port}/prod/")
            assert page.title() == "What is it?"
            page.set_input_files("#file", str(image))
            page.wait_for_function("document.getElementById('answer').textContent.startsWith('{')")
            assert json.loads(page.text_content("#answer") or "") == {"bytes": len(PNG), "head": "89504e47"}
            # From another origin the browser asks first, by OPTIONS.
            page.goto(api.url("/"))
            answer = page.evaluate(
                """async url => (await fetch(url, {method: "POST", body: new Uint8Array([1, 2, 3]),
                     headers: {"Content-Type": "image/png"}})).json()""",
                f"http://{api.id}.execute-api.localhost:{port}/prod/look",
            )
            assert answer == {"bytes": 3, "head": "010203"}
        finally:
            browser.close()
