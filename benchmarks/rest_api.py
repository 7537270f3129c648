"""The whole chain, plain HTTP -> REST API -> Lambda -> endpoint, over InvokeEndpoint alone."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.deploy import endpoint
from benchmarks.invoke import BODY, HANDLER
from benchmarks.lambda_ import Functions
from benchmarks.processes import Platform
from benchmarks.rounds import Address, in_turn, load
from benchmarks.signed import REGION, client, record
from benchmarks.table import Row, Table, milliseconds, per_second

_ROUNDS = 5
_SECONDS = 1.5
# The function as anybody would write it: one client, made at init, reused by each invocation.
_FUNCTION = """
import boto3

runtime = boto3.client("sagemaker-runtime")

def handler(event, context):
    answer = runtime.invoke_endpoint(
        EndpointName="echo", ContentType="application/json", Body=event["body"])
    return {"statusCode": 200, "body": answer["Body"].read().decode()}
"""


def measure(say: Callable[[str], None]) -> Table:
    """Alternate the signed InvokeEndpoint and the plain request to the API's stage."""
    with Platform() as platform:
        say("deploying endpoint, function and API")
        endpoint(platform, "echo", HANDLER)
        functions = Functions(platform)
        functions.create("front", _FUNCTION)
        api = _deploy(platform, functions)
        runtime = client("sagemaker-runtime", platform.url, platform.keys)
        signed = record(
            runtime, "invoke_endpoint", EndpointName="echo", ContentType="application/json", Body=BODY
        )
        plain = _plain(api)
        address = Address(port=platform.port)
        rows = []
        for n in (1, 4):
            runs = {
                "endpoint": lambda n=n: load(address, [signed], connections=n, seconds=_SECONDS),
                "function": lambda n=n: load(
                    address, [functions.invocation("front", _event())], connections=n, seconds=_SECONDS
                ),
                "chain": lambda n=n: load(address, [plain], connections=n, seconds=_SECONDS),
            }
            found = in_turn(runs, rounds=_ROUNDS, say=say, what=f"{n} connections")
            chain, bare = found["chain"], found["endpoint"]
            what = f"{n} connection" + ("s" if n > 1 else "")
            rows += [
                Row(f"{what}, p50", milliseconds(chain.p50), milliseconds(bare.p50),
                    "+" + milliseconds(chain.p50 - bare.p50),
                    ("aim: under 6 ms more; " if n == 1 else "")
                    + f"the function invoked directly: {milliseconds(found['function'].p50)}"),
                Row(f"{what}, p99", milliseconds(chain.p99), milliseconds(bare.p99),
                    "+" + milliseconds(chain.p99 - bare.p99)),
                Row(f"{what}, requests", per_second(chain.rate), per_second(bare.rate)),
            ]  # fmt: skip
    return Table(
        "REST API, Lambda, endpoint: the chain over InvokeEndpoint",
        peer="InvokeEndpoint alone",
        method=(
            "An AWS_PROXY integration and a function that calls the echo endpoint with boto3 and its role's "
            f"rights; medians of {_ROUNDS} rounds of {_SECONDS:g} s in turn; the ratio column holds the "
            "difference, most of which is boto3 inside the function."
        ),
        rows=rows,
    )


def _deploy(platform: Platform, functions: Functions) -> str:
    """Make the API `POST /classify` in front of the function; return its id."""
    arn = functions.aws.get_function(FunctionName="front")["Configuration"]["FunctionArn"]
    functions.aws.add_permission(
        FunctionName="front",
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )
    gateway = client("apigateway", platform.url, platform.keys)
    api: str = gateway.create_rest_api(name="bench")["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    resource = gateway.create_resource(restApiId=api, parentId=root, pathPart="classify")["id"]
    method = {"restApiId": api, "resourceId": resource, "httpMethod": "POST"}
    gateway.put_method(**method, authorizationType="NONE")
    gateway.put_integration(
        **method,
        type="AWS_PROXY",
        integrationHttpMethod="POST",
        uri=f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations",
    )
    gateway.create_deployment(restApiId=api, stageName="bench")
    return api


def _plain(api: str) -> bytes:
    head = (
        f"POST /bench/classify HTTP/1.1\r\nhost: {api}.execute-api.localhost\r\n"
        f"content-type: application/json\r\ncontent-length: {len(BODY)}\r\n\r\n"
    )
    return head.encode() + BODY


def _event() -> bytes:
    return b'{"body": "%s"}' % BODY.replace(b'"', b'\\"')
