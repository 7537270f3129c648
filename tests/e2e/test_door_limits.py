"""A sandbox that opens connections without end takes the door from nobody."""

from __future__ import annotations

import contextlib
import io
import json
import socket
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest

from tests.running import ACCOUNTS, LAMBDA_RUNTIME, RunningSagehen

pytestmark = pytest.mark.sandbox

_GREEDY = """
import os, resource, socket, time
from urllib.parse import urlsplit

def refused(connection):
    connection.setblocking(False)
    try:
        return connection.recv(64) is not None
    except BlockingIOError:
        return False
    except OSError:
        return True

def handler(event, context):
    port = urlsplit(os.environ["AWS_ENDPOINT_URL"]).port
    opened = []
    until = time.monotonic() + 6
    while time.monotonic() < until and len(opened) < event["count"]:
        try:
            opened.append(socket.create_connection(("127.0.0.1", port), timeout=2))
        except OSError:
            break
    time.sleep(max(0.5, until - time.monotonic()))
    return {"opened": len(opened), "kept": sum(not refused(one) for one in opened)}
"""


def _client(sagehen: RunningSagehen, service: str) -> Any:
    key, secret = ACCOUNTS["123456789012"].split(":")
    return boto3.client(
        service,
        endpoint_url=sagehen.url,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
    )


def test_a_function_that_opens_connections_without_end(sagehen: RunningSagehen) -> None:
    iam, functions, s3 = (_client(sagehen, name) for name in ("iam", "lambda", "s3"))
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName="greedy", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("app.py", _GREEDY)
    functions.create_function(
        FunctionName="greedy",
        Runtime=LAMBDA_RUNTIME,
        Role=role,
        Handler="app.handler",
        Code={"ZipFile": package.getvalue()},
        Timeout=30,
    )
    functions.get_waiter("function_active_v2").wait(FunctionName="greedy", WaiterConfig={"Delay": 1})
    descriptors = Path(f"/proc/{sagehen.pid}/fd")
    before = len(list(descriptors.iterdir()))
    heard: dict[str, Any] = {}

    def invoke() -> None:
        answer = functions.invoke(FunctionName="greedy", Payload=json.dumps({"count": 900}))
        with answer["Payload"] as stream:
            heard.update(json.loads(stream.read()))

    caller = threading.Thread(target=invoke)
    caller.start()
    most = 0
    while caller.is_alive():
        caller.join(0.2)
        most = max(most, len(list(descriptors.iterdir())))
        s3.list_buckets()  # everybody else is served
    assert heard["opened"] == 900, heard
    assert heard["kept"] == 256, heard
    assert most - before < 256 + 100  # the sandbox's own pipes and namespaces among them


def test_a_door_without_descriptors_rests_and_opens_again(sagehen: RunningSagehen) -> None:
    """The last resort, should the count of connections be wrong: no end, and no spinning."""
    s3 = _client(sagehen, "s3")
    s3.list_buckets()
    process = psutil.Process(sagehen.pid)
    before = process.rlimit(psutil.RLIMIT_NOFILE)
    clients: list[socket.socket] = []
    try:
        process.rlimit(psutil.RLIMIT_NOFILE, (process.num_fds() + 10, before[1]))
        for _ in range(100):
            with contextlib.suppress(OSError):
                clients.append(socket.create_connection(("127.0.0.1", sagehen.facts["port"]), timeout=2))
        spent = process.cpu_times()
        time.sleep(2)
        now = process.cpu_times()
        assert now.user + now.system - spent.user - spent.system < 1.0
    finally:
        process.rlimit(psutil.RLIMIT_NOFILE, before)
        for client in clients:
            client.close()
    assert len(clients) > 10
    s3.list_buckets()
    assert _client(sagehen, "s3").list_buckets()["Buckets"] == []
