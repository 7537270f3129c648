"""An HTTP integration may lead to the platform's own port, but not to what only its machine may do."""

from __future__ import annotations

import http.client
import io
import json
import socket
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance.conftest import ClientFactory
from tests.running import LAMBDA_RUNTIME, RunningSagehen


@pytest.fixture(scope="module")
def relay(client: ClientFactory, platform: RunningSagehen | None) -> Iterator[Any]:
    """Make an API whose one method leads to a URL; return a function that calls it with POST."""
    if platform is None:
        pytest.skip("not our platform: nothing is to be reset there")
    apis = client("apigateway")
    api_id = apis.create_rest_api(name="relay")["id"]
    (root,) = apis.get_resources(restApiId=api_id)["items"]
    port = platform.facts["port"]

    def call(kind: str, uri: str, body: bytes = b"{}", **fields: Any) -> tuple[int, bytes]:
        names = {"restApiId": api_id, "resourceId": root["id"], "httpMethod": "POST"}
        apis.put_method(**names, authorizationType="NONE")
        apis.put_integration(**names, type=kind, integrationHttpMethod="POST", uri=uri, **fields)
        if kind == "HTTP":
            apis.put_method_response(**names, statusCode="200")
            apis.put_integration_response(**names, statusCode="200")
        apis.create_deployment(restApiId=api_id, stageName="v")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("POST", f"/restapis/{api_id}/v/_user_request_/", body)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        apis.delete_method(**names)
        return answer.status, content

    yield call
    apis.delete_rest_api(restApiId=api_id)


@pytest.mark.parametrize("kind", ["HTTP_PROXY", "HTTP"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "[::ffff:127.0.0.1]"])
def test_no_reset_through_an_api(
    relay: Any, client: ClientFactory, platform: RunningSagehen, kind: str, host: str
) -> None:
    iam = client("iam")
    iam.create_user(UserName=f"stays-{kind}")
    try:
        _, content = relay(kind, f"http://{host}:{platform.facts['port']}/_sagehen/reset")
        assert b"reset_ms" not in content
        iam.get_user(UserName=f"stays-{kind}")
    finally:
        iam.delete_user(UserName=f"stays-{kind}")


def test_no_mapping_hides_the_way(relay: Any, client: ClientFactory, platform: RunningSagehen) -> None:
    """Neither mapped-away headers nor a second request in the body make it the machine's own request."""
    port = platform.facts["port"]
    hidden = b"0\r\n\r\nPOST /_sagehen/reset HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
    mappings = {
        "integration.request.header.X-Forwarded-For": "'a\u0001'",
        "integration.request.header.Via": "'a\u0001'",
        "integration.request.header.X-Amzn-Apigateway-Api-Id": "'a\u0001'",
    }
    framing = {
        "integration.request.header.Transfer-Encoding": "'chunked'",
        "integration.request.header.Connection": "'keep-alive'",
    }
    iam = client("iam")
    iam.create_user(UserName="stays-too")
    try:
        for kind, path, more in (
            ("HTTP", "_sagehen/reset", {}),
            ("HTTP_PROXY", "_sagehen/reset", {}),
            ("HTTP", "_sagehen/health", framing),
            ("HTTP_PROXY", "_sagehen/health", framing),
        ):
            uri = f"http://127.0.0.1:{port}/{path}"
            _, content = relay(kind, uri, hidden, requestParameters={**mappings, **more})
            assert b"reset_ms" not in content
            iam.get_user(UserName="stays-too")
    finally:
        iam.delete_user(UserName="stays-too")


def test_another_api_of_the_platform_is_a_backend_like_any_other(
    relay: Any, client: ClientFactory, platform: RunningSagehen
) -> None:
    apis = client("apigateway")
    other = apis.create_rest_api(name="behind")["id"]
    (root,) = apis.get_resources(restApiId=other)["items"]
    names = {"restApiId": other, "resourceId": root["id"], "httpMethod": "POST"}
    apis.put_method(**names, authorizationType="NONE")
    apis.put_integration(**names, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    apis.put_method_response(**names, statusCode="200")
    apis.put_integration_response(
        **names, statusCode="200", responseTemplates={"application/json": '{"said": "behind"}'}
    )
    apis.create_deployment(restApiId=other, stageName="v")
    uri = f"http://127.0.0.1:{platform.facts['port']}/restapis/{other}/v/_user_request_/"
    status, content = relay("HTTP_PROXY", uri)
    assert (status, json.loads(content)) == (200, {"said": "behind"})
    apis.delete_rest_api(restApiId=other)


def test_a_web_server_of_this_machine_cannot_pass_it_on(platform: RunningSagehen | None) -> None:
    if platform is None:
        pytest.skip("not our platform: it must not be emptied")
    for name in ("Via", "Forwarded", "X-Forwarded-For"):
        request = urllib.request.Request(
            f"{platform.url}/_sagehen/reset", method="POST", headers={name: "1.1 proxy"}
        )
        with pytest.raises(urllib.error.HTTPError, match="403") as refused:
            urllib.request.urlopen(request, timeout=60)
        refused.value.close()


_INTRUDER = """
import http.client, os, socket, ssl
from urllib.parse import urlsplit

def asked(host, target, headers):
    try:
        connection = http.client.HTTPConnection(host, PORT, timeout=60)
        connection.request("POST", target, b"", headers)
        answer = connection.getresponse()
        return f"{answer.status} {answer.read()!r}"
    except OSError as error:
        return str(error)

def tunnelled(name):
    try:
        raw = socket.create_connection(("127.0.0.1", PORT), timeout=60)
        raw.sendall(f"CONNECT {name}:443 HTTP/1.1\\r\\n\\r\\n".encode())
        head = raw.recv(4096)
        if b" 200 " not in head:
            return head.decode()
        context = ssl._create_unverified_context()
        with context.wrap_socket(raw, server_hostname=name) as inner:
            inner.sendall(b"POST /_sagehen/reset HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 0\\r\\n\\r\\n")
            return inner.recv(4096).decode()
    except OSError as error:
        return str(error)

def handler(event, context):
    global PORT
    PORT = urlsplit(os.environ["AWS_ENDPOINT_URL"]).port
    page = "/_sagehen/reset"
    return {
        "door": asked("127.0.0.1", page, {}),
        "any address": asked("0.0.0.0", page, {}),
        "as proxy": asked("127.0.0.1", f"http://127.0.0.1:{PORT}{page}", {}),
        "as proxy, aws": asked("127.0.0.1", f"http://sts.amazonaws.com{page}", {}),
        "inside tls": tunnelled("sts.us-east-1.amazonaws.com"),
        "outside address": asked(event["address"], page, {}),
        "through an api": asked("127.0.0.1", event["api"], {}),
    }
"""


def test_code_in_a_sandbox_cannot_reset(client: ClientFactory, platform: RunningSagehen | None) -> None:
    if platform is None:
        pytest.skip("not our platform: nothing is to be reset there")
    iam, functions, apis = client("iam"), client("lambda"), client("apigateway")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName="intruder", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("app.py", _INTRUDER)
    functions.create_function(
        FunctionName="intruder",
        Runtime=LAMBDA_RUNTIME,
        Role=role,
        Handler="app.handler",
        Code={"ZipFile": package.getvalue()},
        Timeout=60,
    )
    functions.get_waiter("function_active_v2").wait(FunctionName="intruder", WaiterConfig={"Delay": 1})
    api_id = apis.create_rest_api(name="intruders")["id"]
    (root,) = apis.get_resources(restApiId=api_id)["items"]
    names = {"restApiId": api_id, "resourceId": root["id"], "httpMethod": "POST"}
    uri = f"http://127.0.0.1:{platform.facts['port']}/_sagehen/reset"
    apis.put_method(**names, authorizationType="NONE")
    apis.put_integration(**names, type="HTTP_PROXY", integrationHttpMethod="POST", uri=uri)
    apis.create_deployment(restApiId=api_id, stageName="v")
    try:
        event = {"address": _outside_address(), "api": f"/restapis/{api_id}/v/_user_request_/"}
        answer = functions.invoke(FunctionName="intruder", Payload=json.dumps(event))
        with answer["Payload"] as stream:
            heard = json.loads(stream.read())
        assert set(heard) == {*_WAYS}, heard
        assert not any("reset_ms" in said for said in heard.values()), heard
        assert heard["door"].startswith("403"), heard
        iam.get_role(RoleName="intruder")
    finally:
        apis.delete_rest_api(restApiId=api_id)
        functions.delete_function(FunctionName="intruder")
        iam.delete_role(RoleName="intruder")


_WAYS = (
    "door", "any address", "as proxy", "as proxy, aws", "inside tls", "outside address", "through an api"
)  # fmt: skip


def _outside_address() -> str:
    """Return an address of this machine other than loopback, or loopback where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nothing is sent
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
