"""Clients above an endpoint's capacity while it is updated, re-weighted, killed in part and deleted.

More requests wait than its instances take at once, so that the queue of every fleet that ends is full
of them. None may fail, and none may be forgotten.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from benchmarks.signed import record

from tests.e2e import story
from tests.running import RunningSagehen
from tests.waiting import eventually

pytestmark = [pytest.mark.sandbox, pytest.mark.once, pytest.mark.timeout(240)]

# 10 ms a request, one at a time. "die" ends its model server when the answer has long been sent.
HANDLER = """
import os, signal, threading, time
def model_fn(model_dir): return None
def input_fn(body, content_type): return body
def predict_fn(data, model):
    time.sleep(0.01)
    if bytes(data) == b"die":
        threading.Timer(0.3, os.kill, (os.getppid(), signal.SIGKILL)).start()
    return data
def output_fn(prediction, accept): return bytes(prediction)
"""
# 2 instances take 64 each; the others wait.
CLIENTS = 190


@pytest.fixture
def sagehen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSagehen]:
    running = RunningSagehen(tmp_path_factory.mktemp("updates") / "data")
    running.start()
    yield running
    running.stop()


def test_no_request_fails_or_hangs_while_fleets_come_and_go(sagehen: RunningSagehen) -> None:
    asyncio.run(_scenario(sagehen))


async def _scenario(sagehen: RunningSagehen) -> None:
    sagemaker = story.client(sagehen, "sagemaker")
    await asyncio.to_thread(_make_endpoint, sagehen, sagemaker)
    outcomes: Counter[int] = Counter()
    runtime = story.client(sagehen, "sagemaker-runtime")
    # One request as it goes over the wire: what costs the client least.
    request = record(runtime, "invoke_endpoint", EndpointName="e", ContentType="a/b", Body=b"x")
    clients = [asyncio.create_task(_ask(sagehen, request, outcomes)) for _ in range(CLIENTS)]
    await _answered(outcomes, CLIENTS)
    await asyncio.to_thread(sagemaker.update_endpoint, EndpointName="e", EndpointConfigName="b")
    await asyncio.to_thread(_settled, sagemaker, 2)
    await _answered(outcomes, 2 * CLIENTS)
    await asyncio.to_thread(_weigh, sagemaker, 1)
    await asyncio.to_thread(_weigh, sagemaker, 2)
    assert (await asyncio.to_thread(_post, sagehen, b"die")) == 200
    await asyncio.to_thread(eventually, lambda: _streams(sagehen) == 6)  # the replacement is there
    await asyncio.to_thread(_settled, sagemaker, 2)
    await _answered(outcomes, CLIENTS)
    assert set(outcomes) == {200}, outcomes
    # Deleted under load: who waits is told what a later request is told.
    await asyncio.to_thread(sagemaker.delete_endpoint, EndpointName="e")
    done, hanging = await asyncio.wait(clients, timeout=30)
    assert not hanging, f"{len(hanging)} of {CLIENTS} got no answer"
    for client in done:
        client.result()
    assert set(outcomes) <= {200, 400, 424}, outcomes  # 424: with an instance when it was ended
    assert outcomes[400] > 0, outcomes


async def _answered(outcomes: Counter[int], more: int) -> None:
    goal, deadline = outcomes[200] + more, time.monotonic() + 60
    while outcomes[200] < goal:
        assert time.monotonic() < deadline, f"requests hang: {outcomes}"
        await asyncio.sleep(0.05)


def _make_endpoint(sagehen: RunningSagehen, sagemaker: Any) -> None:
    s3 = story.client(sagehen, "s3")
    s3.create_bucket(Bucket="updates")
    s3.put_object(Bucket="updates", Key="model.tar.gz", Body=story.archive({"code/inference.py": HANDLER}))
    sagemaker.create_model(
        ModelName="m",
        ExecutionRoleArn=story.ROLE,
        PrimaryContainer={
            "Image": story.IMAGE,
            "ModelDataUrl": "s3://updates/model.tar.gz",
            "Environment": {"SAGEMAKER_MODEL_SERVER_WORKERS": "1"},
        },
    )
    variant = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 2}
    for name in ("a", "b"):
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="a")
    _settled(sagemaker, 2)


def _weigh(sagemaker: Any, count: int) -> None:
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="e",
        DesiredWeightsAndCapacities=[
            {"VariantName": "v", "DesiredWeight": 3.0, "DesiredInstanceCount": count}
        ],
    )
    _settled(sagemaker, count)


def _settled(sagemaker: Any, count: int) -> None:
    def is_settled() -> bool:
        described = sagemaker.describe_endpoint(EndpointName="e")
        assert described["EndpointStatus"] != "Failed", described["FailureReason"]
        counts = [v.get("CurrentInstanceCount") for v in described.get("ProductionVariants", ())]
        return described["EndpointStatus"] == "InService" and counts == [count]

    eventually(is_settled, 90)


def _streams(sagehen: RunningSagehen) -> int:
    logs = story.client(sagehen, "logs")
    return len(logs.describe_log_streams(logGroupName="/aws/sagemaker/Endpoints/e")["logStreams"])


def _post(sagehen: RunningSagehen, body: bytes) -> int:
    runtime = story.client(sagehen, "sagemaker-runtime")
    answer = runtime.invoke_endpoint(EndpointName="e", ContentType="application/octet-stream", Body=body)
    status: int = answer["ResponseMetadata"]["HTTPStatusCode"]
    return status


async def _ask(sagehen: RunningSagehen, request: bytes, outcomes: Counter[int]) -> None:
    """Ask again and again, until it is refused, as at the end, when the endpoint is deleted."""
    address = urlsplit(sagehen.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        while True:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(int(head.split(b"content-length: ")[1].split(b"\r\n")[0]))
            status = int(head.split()[1])
            outcomes[status] += 1
            if status != 200:
                return
    finally:
        writer.close()
