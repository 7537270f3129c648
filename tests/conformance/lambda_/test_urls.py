"""Function URLs over HTTP, and answers that stream."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.conformance.conftest import ClientFactory
from tests.conformance.lambda_.calls import MakeFunction, unique, zipped
from tests.running import ACCOUNTS

# Says `first`, waits for an object in a bucket that everybody may read, and says `last`. Asked to break, it
# breaks off there, and what it says has metadata in front.
BOOTSTRAP = """#!/bin/sh
API="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
answer() {
  [ "$TYPE" = text/plain ] || { printf '{"statusCode":202,"cookies":["a=1"]}'; head -c 8 /dev/zero; }
  echo first
  until curl -sSf -o /dev/null "$AWS_ENDPOINT_URL/$BUCKET/go"; do sleep 0.05; done
  [ "$TYPE" = text/plain ] || { kill -9 $$; sleep 60; }
  echo last
}
while true; do
  HEADERS=$(mktemp)
  TYPE=text/plain
  curl -sS -D "$HEADERS" "$API/next" | grep -q break &&
    TYPE=application/vnd.awslambda.http-integration-response
  ID=$(grep -Fi Lambda-Runtime-Aws-Request-Id "$HEADERS" | tr -d '[:space:]' | cut -d: -f2)
  answer | curl -sS -N -o /dev/null -X POST -T . "$API/$ID/response" -H "Content-Type: $TYPE" \\
    -H 'Lambda-Runtime-Function-Response-Mode: streaming' -H 'Expect:'
done
"""

Ask = Callable[..., urllib3.BaseHTTPResponse]


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """Ask without a resolver: names under localhost are this machine."""
    with urllib3.PoolManager(retries=False, timeout=30) as pool:

        def get(url: str, headers: dict[str, str] | None = None, **more: Any) -> urllib3.BaseHTTPResponse:
            parts = urlsplit(url)
            here = parts._replace(netloc=f"127.0.0.1:{parts.port}").geturl()
            return pool.request("GET", here, headers={"Host": parts.netloc, **(headers or {})}, **more)

        yield get


def opened(functions: Any, name: str, **settings: Any) -> str:
    """Give a function a URL that everybody may use."""
    made = functions.create_function_url_config(FunctionName=name, **{"AuthType": "NONE", **settings})
    allow = {"FunctionName": name, "Principal": "*"}
    functions.add_permission(
        **allow, StatementId="url", Action="lambda:InvokeFunctionUrl", FunctionUrlAuthType="NONE"
    )
    functions.add_permission(
        **allow, StatementId="via", Action="lambda:InvokeFunction", InvokedViaFunctionUrl=True
    )
    return str(made["FunctionUrl"])


@pytest.fixture
def gate(client: ClientFactory) -> Iterator[Any]:
    """A bucket, and what puts the object there that lets functions go on."""
    s3, bucket = client("s3"), unique("gate")
    s3.create_bucket(Bucket=bucket)
    s3.delete_public_access_block(Bucket=bucket)
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    s3.put_bucket_policy(
        Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )

    class Gate:
        name = bucket

        def open(self) -> None:
            s3.put_object(Bucket=bucket, Key="go")

        def close(self) -> None:
            s3.delete_object(Bucket=bucket, Key="go")

    yield Gate()
    s3.delete_object(Bucket=bucket, Key="go")
    s3.delete_bucket(Bucket=bucket)


def test_a_url_and_its_life(client: ClientFactory, functions: Any, make: MakeFunction, ask: Ask) -> None:
    name = make(
        "def handler(event, context):\n"
        "    if event['rawPath'] == '/fail': raise ValueError\n"
        "    who = event['requestContext'].get('authorizer', {}).get('iam', {}).get('userArn')\n"
        "    body = who or context.aws_request_id\n"
        "    return {'statusCode': 201, 'cookies': ['a=1', 'b=2'], 'body': body}\n"
    )
    url = opened(functions, name)
    answer = ask(url + "any/path?a=1")
    assert (answer.status, answer.headers.getlist("set-cookie")) == (201, ["a=1", "b=2"])
    assert answer.headers["x-amzn-requestid"] == answer.data.decode()
    failed = ask(url + "fail")
    assert (failed.status, failed.data) == (502, b"Internal Server Error")

    shown = functions.get_function_url_config(FunctionName=name)
    assert (shown["FunctionUrl"], shown["AuthType"], "InvokeMode" in shown) == (url, "NONE", False)
    with pytest.raises(functions.exceptions.ResourceConflictException) as taken:
        functions.create_function_url_config(FunctionName=name, AuthType="NONE")
    assert "Error message:  FunctionUrlConfig exists for this Lambda function" in str(taken.value)
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    throttled = ask(url)
    assert (throttled.status, throttled.json()["message"]) == (429, "Rate Exceeded.")
    functions.delete_function_concurrency(FunctionName=name)
    functions.remove_permission(FunctionName=name, StatementId="via")
    assert ask(url).status == 403
    _with_iam(client, functions, name, url, ask)

    functions.publish_version(FunctionName=name)
    functions.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    made = functions.create_function_url_config(FunctionName=name, Qualifier="live", AuthType="NONE")
    assert made["FunctionArn"].endswith(f":{name}:live")
    first = functions.list_function_url_configs(FunctionName=name, MaxItems=1)
    rest = functions.list_function_url_configs(FunctionName=name)["FunctionUrlConfigs"]
    assert first["FunctionUrlConfigs"] == rest[:1] and len(rest) == 2 and first["NextMarker"]
    functions.delete_alias(FunctionName=name, Name="live")
    functions.delete_function(FunctionName=name)
    for gone in (url, made["FunctionUrl"]):
        assert (ask(gone).status, ask(gone).data) == (403, b'{"Message":null}')


def _with_iam(client: ClientFactory, functions: Any, name: str, url: str, ask: Ask) -> None:
    """The same URL, for those alone who prove who they are and have both rights."""
    functions.remove_permission(FunctionName=name, StatementId="url")
    functions.update_function_url_config(FunctionName=name, AuthType="AWS_IAM")
    iam, user = client("iam"), unique("caller")
    iam.create_user(UserName=user)
    key = iam.create_access_key(UserName=user)["AccessKey"]

    def signed(key_id: str, secret: str, region: str = "us-east-1") -> urllib3.BaseHTTPResponse:
        request = AWSRequest("GET", url)
        SigV4Auth(Credentials(key_id, secret), "lambda", region).add_auth(request)
        return ask(url, headers=dict(request.headers))

    mine = key["AccessKeyId"], key["SecretAccessKey"]
    try:
        assert ask(url).status == 403
        root = signed(*ACCOUNTS["123456789012"].split(":"))
        assert root.data == b"arn:aws:iam::123456789012:root"
        actions = ["lambda:InvokeFunctionUrl"]
        for status in (403, 403, 201):
            assert signed(*mine).status == status, actions
            allow = {"Effect": "Allow", "Action": actions, "Resource": "*"}
            document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
            iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=document)
            actions = [*actions, "lambda:InvokeFunction"]
        assert signed(*mine, region="eu-west-1").status == 403
        assert signed(mine[0], "wrong").status == 403
    finally:
        iam.delete_user_policy(UserName=user, PolicyName="p")
        iam.delete_access_key(UserName=user, AccessKeyId=mine[0])
        iam.delete_user(UserName=user)


def test_the_first_piece_arrives_while_the_function_runs(
    functions: Any, make: MakeFunction, gate: Any, ask: Ask
) -> None:
    name = make(
        FunctionName=unique("streams"),
        Runtime="provided.al2023",
        Code={"ZipFile": zipped(bootstrap=BOOTSTRAP)},
        Environment={"Variables": {"BUCKET": gate.name}},
        Timeout=30,
    )
    answer = functions.invoke_with_response_stream(FunctionName=name, LogType="Tail")
    assert answer["ExecutedVersion"] == "$LATEST"
    events = iter(answer["EventStream"])
    assert next(events) == {"PayloadChunk": {"Payload": b"first\n"}}
    gate.open()  # the function waits for this, and this test has waited for the function
    assert next(events) == {"PayloadChunk": {"Payload": b"last\n"}}
    end = next(events)["InvokeComplete"]
    assert "REPORT RequestId" in base64.b64decode(end["LogResult"]).decode() and "ErrorCode" not in end
    answer["EventStream"].close()
    # Who invokes it otherwise gets the whole.
    with functions.invoke(FunctionName=name)["Payload"] as whole:
        assert whole.read() == b"first\nlast\n"

    url = opened(functions, name, InvokeMode="RESPONSE_STREAM")
    for path, status, kind in (("", 200, "text/plain"), ("break", 202, "application/json")):
        gate.close()
        streamed = ask(url + path, preload_content=False)
        assert (streamed.status, streamed.headers["content-type"]) == (status, kind)
        assert streamed.read1() == b"first\n"
        gate.open()
        if path == "break":
            with pytest.raises(urllib3.exceptions.ProtocolError):
                streamed.read()
        else:
            assert streamed.read() == b"last\n"
        streamed.close()
