"""What else stands behind an API, and what a stage adds: objects, endpoints, servers, logs, settings."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request

from tests.e2e.rest_api.apis import ACCOUNT, PNG, Api
from tests.e2e.story import client
from tests.running import RunningSagehen
from tests.waiting import eventually


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


def _bucket_behind_any(sagehen: RunningSagehen) -> Api:
    """Make the bucket `things` and an API that passes any verb on to it, deployed as `text`."""
    iam = client(sagehen, "iam")
    client(sagehen, "s3").create_bucket(Bucket="things")
    trust = {"Service": "apigateway.amazonaws.com"}
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": trust}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = iam.create_role(RoleName="things", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    whole = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [whole]})
    iam.put_role_policy(RoleName="things", PolicyName="all", PolicyDocument=policy)
    api = Api(sagehen)
    headers = {f"method.request.header.{name}": False for name in ("Content-Type", "response-content-type")}
    place = api.method("/{key+}", "ANY", requestParameters={"method.request.path.key": True, **headers})
    api.client.put_integration(
        **place,
        type="AWS",
        integrationHttpMethod="ANY",
        credentials=role,
        uri="arn:aws:apigateway:us-east-1:s3:path/things/{key}",
        requestParameters={
            "integration.request.path.key": "method.request.path.key",
            "integration.request.header.Content-Type": "method.request.header.Content-Type",
            "integration.request.querystring.response-content-type": (
                "method.request.header.response-content-type"
            ),
        },
    )
    api.client.put_method_response(**place, statusCode="200")
    api.client.put_integration_response(**place, statusCode="200")
    api.deploy("text")
    return api


def test_any_verb_of_s3_and_what_becomes_of_bytes(sagehen: RunningSagehen, functions: dict[str, str]) -> None:
    """Recorded of AWS: a bucket behind ANY, first without binary types, then with image/png."""
    s3, api = client(sagehen, "s3"), _bucket_behind_any(sagehen)

    def stored(key: str) -> bytes:
        body: bytes = s3.get_object(Bucket="things", Key=key)["Body"].read()
        return body

    def got(key: str, accept: str, payload: str, stage: str = "binary") -> tuple[int, bytes]:
        answer = api.call(
            "GET", f"/{key}", headers={"Accept": accept, "response-content-type": payload}, stage=stage
        )
        return answer.status, answer.body

    def put(key: str, body: bytes, content_type: str, stage: str) -> bytes:
        answer = api.call("PUT", f"/{key}", body, headers={"Content-Type": content_type}, stage=stage)
        assert (answer.status, answer.body) == (200, b"")
        return stored(key)

    broken = PNG.decode("utf-8", "replace").encode()
    text, encoded = b"a text, no base64", base64.b64encode(PNG)
    assert put("raw", PNG, "image/png", "text") == broken
    api.client.update_rest_api(
        restApiId=api.id, patchOperations=[{"op": "add", "path": "/binaryMediaTypes/image~1png"}]
    )
    api.deploy("binary")
    assert put("raw", PNG, "text/plain", "binary") == broken
    assert put("raw", PNG, "image/png", "binary") == PNG
    put("text", text, "text/plain", "binary")
    put("encoded", encoded, "text/plain", "binary")
    assert got("raw", "image/png", "image/png", "text") == (200, broken)
    assert got("encoded", "image/png", "text/plain") == (200, PNG)
    assert got("text", "image/png", "text/plain")[0] == got("raw", "image/png", "text/plain")[0] == 500
    assert got("raw", "image/png", "image/png") == (200, PNG)
    assert got("raw", "text/plain", "image/png") == (200, encoded)
    assert got("raw", "text/plain", "text/plain") == (200, broken)
    assert api.call("DELETE", "/raw", stage="binary").status == 200
    assert b"<Code>NoSuchKey</Code>" in got("raw", "text/plain", "text/plain")[1]


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
    with urllib.request.urlopen(url, timeout=60) as answer:
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
