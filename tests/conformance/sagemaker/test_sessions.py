"""Stateful sessions through boto3: two instances of two worker processes each, state in their memory."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.conformance.sagemaker.test_endpoints import IMAGE, Stage, archive

CODE = """
import json, os, signal, time, uuid

NEW, CLOSED = "X-Amzn-SageMaker-New-Session-Id", "X-Amzn-SageMaker-Closed-Session-Id"
counts = {}
FRONT = os.getppid()  # of the worker that imports this; the others are forked from it

def model_fn(model_dir):
    return uuid.uuid4().hex  # forked workers share it: it names the instance

def input_fn(data, content_type):
    return json.loads(data)

def predict_fn(data, model, context):
    session = context.get_request_header(0, "X-Amzn-SageMaker-Session-Id")
    if data == "headers":
        return sorted(context.get_all_request_header(0))
    if data == "die":
        os.kill(FRONT, signal.SIGKILL)
        time.sleep(30)
    if data == "die alone":
        os.kill(os.getpid(), signal.SIGKILL)
    if data == "malformed":
        context.set_response_header(0, NEW, "some session, I think")
        return 0
    if data == "forget":
        return 0
    if session == "NEW_SESSION":
        session = uuid.uuid4().hex
        expires = time.time() + (2 if data == "short" else 600)
        counts[session] = 0
        text = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(expires))
        context.set_response_header(0, NEW, f"{session}; Expires={text}")
    elif data == "close":
        context.set_response_header(0, CLOSED, session)
        counts.pop(session)
        return "closed"
    elif session is not None:
        counts[session] += 1
    return {"instance": model, "process": os.getpid(), "count": counts.get(session)}

def output_fn(prediction, accept, context):
    if isinstance(prediction, dict) and prediction["count"] is not None:
        return (part for part in [json.dumps(prediction)]), "application/json"
    return json.dumps(prediction), "application/json"
"""


class Chat:
    """An endpoint of a stateful model."""

    def __init__(self, stage: Stage, client: Any, workers: int = 2, instances: int = 2) -> None:
        self.stage = stage
        # A request that is sent twice would be counted twice.
        self.runtime = client("sagemaker-runtime", config=Config(retries={"total_max_attempts": 1}))
        name = f"chat-{next(_NUMBERS)}"
        key = f"{name}/model.tar.gz"
        client("s3").put_object(Bucket=stage.bucket, Key=key, Body=archive(code__inference_py=CODE))
        stage.sagemaker.create_model(
            ModelName=f"{name}-{stage.suffix}",
            ExecutionRoleArn=stage.role,
            PrimaryContainer={
                "Image": IMAGE,
                "ModelDataUrl": f"s3://{stage.bucket}/{key}",
                "Environment": {"SAGEMAKER_MODEL_SERVER_WORKERS": str(workers)},
            },
        )
        self.config = stage.config(name, f"{name}-{stage.suffix}", count=instances)
        self.name = stage.endpoint(name, self.config)
        stage.wait(self.name)

    def call(self, session: str | None, data: Any = "go", **members: Any) -> dict[str, Any]:
        if session is not None:
            members["SessionId"] = session
        response: dict[str, Any] = self.runtime.invoke_endpoint(
            EndpointName=self.name, ContentType="application/json", Body=json.dumps(data), **members
        )
        response["Answer"] = json.loads(response["Body"].read())
        return response

    def open(self, data: Any = "go") -> tuple[str, dict[str, Any]]:
        response = self.call("NEW_SESSION", data)
        session, expires = response["NewSessionId"].split("; Expires=")
        assert expires.endswith("Z") and "ClosedSessionId" not in response
        return session, response["Answer"]

    def error(self, session: str, **members: Any) -> dict[str, Any]:
        with pytest.raises(ClientError) as raised:
            self.call(session, **members)
        error: dict[str, Any] = raised.value.response
        return error

    def refused(self, session: str, code: str = "ValidationError", **members: Any) -> dict[str, Any]:
        error = self.error(session, **members)
        assert error["Error"]["Code"] == code, error
        return error


_NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def chat(client: Any) -> Iterator[Chat]:
    stage = Stage(client)
    try:
        yield Chat(stage, client)
    finally:
        stage.close()


def place(answer: dict[str, Any]) -> tuple[str, int]:
    return answer["instance"], answer["process"]


def test_interleaved_sessions_count_right_and_close(chat: Chat) -> None:
    opened = [chat.open() for _ in range(6)]
    while len({place(answer) for _, answer in opened}) < 3:  # RANDOM is SageMaker's default routing
        opened.append(chat.open())
    assert len({answer["instance"] for _, answer in opened}) == 2
    for turn in range(1, 21):
        for session, answer in opened:
            response = chat.call(session)
            assert (place(response["Answer"]), response["Answer"]["count"]) == (place(answer), turn)
            assert not {"NewSessionId", "ClosedSessionId"} & response.keys()
            assert chat.call(None)["Answer"]["count"] is None
    (first, _), (second, _) = opened[:2]
    response = chat.call(first, "close")
    assert (response["Answer"], response["ClosedSessionId"]) == ("closed", first)
    error = chat.refused(first)
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert error["Error"]["Message"].startswith(f"Session {first} not found for endpoint {chat.name}")
    assert chat.call(second)["Answer"]["count"] == 21


def test_unknown_and_expired_sessions_and_other_variants(chat: Chat) -> None:
    chat.refused("nobody")
    session, _ = chat.open("short")
    deadline = time.monotonic() + 60
    while True:
        try:
            chat.call(session)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ValidationError":
                break
            # It ended on its way to the worker, who says so: the next one is refused before.
            assert error.response["Error"]["Code"] == "ModelError"
        assert time.monotonic() < deadline
        time.sleep(0.2)
    session, _ = chat.open()
    chat.refused(session, TargetVariant="Another")
    assert chat.call(session, TargetVariant="AllTraffic")["Answer"]["count"] == 1
    with pytest.raises(ClientError, match="regular expression pattern"):
        chat.call("not_an_id")


def test_streams_continue_sessions_but_open_none(chat: Chat) -> None:
    session, _ = chat.open()
    for turn in (1, 2):
        answer = chat.runtime.invoke_endpoint_with_response_stream(
            EndpointName=chat.name, ContentType="application/json", Body=b'"go"', SessionId=session
        )
        parts = b"".join(event["PayloadPart"]["Bytes"] for event in answer["Body"])
        assert json.loads(parts)["count"] == turn
    assert chat.call(session)["Answer"]["count"] == 3
    for bad in ("NEW_SESSION", "nobody"):
        with pytest.raises(ClientError) as raised:
            chat.runtime.invoke_endpoint_with_response_stream(
                EndpointName=chat.name, ContentType="application/json", Body=b'"go"', SessionId=bad
            )
        assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
        wording = "regular expression pattern" if bad == "NEW_SESSION" else "Session nobody not found"
        assert wording in raised.value.response["Error"]["Message"]


def test_only_documented_headers_reach_the_container(chat: Chat, client: Any) -> None:
    runtime = client("sagemaker-runtime")

    def add(request: Any, **_: Any) -> None:
        request.headers["X-Amzn-SageMaker-New-Session-Id"] = "mine; Expires=2100-01-01T00:00:00Z"
        request.headers["X-Amzn-SageMaker-Closed-Session-Id"] = "yours"
        request.headers["X-Other"] = "1"

    runtime.meta.events.register("before-sign.sagemaker-runtime.InvokeEndpoint", add)
    session, _ = chat.open()
    for sent in ({}, {"SessionId": session}):
        response = runtime.invoke_endpoint(
            EndpointName=chat.name, ContentType="application/json", Body=b'"headers"', **sent
        )
        names = set(json.loads(response["Body"].read()))
        expected = {"host", "content-type", "content-length"}
        assert names == expected | ({"x-amzn-sagemaker-session-id"} if sent else set())


def test_models_that_answer_no_session_or_a_malformed_one(chat: Chat) -> None:
    assert "NewSessionId" not in chat.call("NEW_SESSION", "forget")
    error = chat.refused("NEW_SESSION", "ModelError", data="malformed")
    assert "X-Amzn-SageMaker-New-Session-Id" in error["OriginalMessage"]


def test_a_worker_process_that_dies_takes_its_sessions_along(chat: Chat) -> None:
    opened = [chat.open() for _ in range(8)]
    victim, answer = opened[0]
    error = chat.refused(victim, "ModelError", data="die alone")
    assert error["OriginalStatusCode"] == 503
    chat.refused(victim)
    for session, other in opened[1:]:
        if place(other) == place(answer):
            chat.refused(session, "ModelError")  # its memory is gone, and the container says so
            chat.refused(session)
        else:
            assert chat.call(session)["Answer"]["count"] == 1
    assert chat.open()


def test_an_instance_that_dies_takes_its_sessions_along(chat: Chat) -> None:
    victim, answer = chat.open()
    survivor, other = chat.open()
    while other["instance"] == answer["instance"]:
        survivor, other = chat.open()
    chat.refused(victim, "ModelError", data="die")
    deadline = time.monotonic() + 30
    # A request that reaches the instance while it is ending gets the same error as the first.
    while (error := chat.error(victim)["Error"])["Code"] == "ModelError":
        assert time.monotonic() < deadline
    assert "the instance that held it is gone" in error["Message"]
    assert chat.call(survivor)["Answer"]["count"] == 1
    session, _ = chat.open()
    assert chat.call(session)["Answer"]["count"] == 1
    while True:
        described = chat.stage.sagemaker.describe_endpoint(EndpointName=chat.name)
        if described["ProductionVariants"][0]["CurrentInstanceCount"] == 2:
            break
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert chat.call(survivor)["Answer"]["count"] == 2
    chat.refused(victim)


def test_sessions_end_with_the_old_fleet_of_an_update(client: Any) -> None:
    stage = Stage(client)
    try:
        chat = Chat(stage, client, workers=1, instances=1)
        another = Chat(stage, client, workers=1, instances=1)
        session, _ = chat.open()
        another.refused(session)  # another endpoint's
        stage.sagemaker.update_endpoint(EndpointName=chat.name, EndpointConfigName=another.config)
        deadline, count = time.monotonic() + 60, 0
        while True:
            try:
                answer = chat.call(session)["Answer"]
            except ClientError as error:
                assert error.response["Error"]["Code"] == "ValidationError"
                break
            count += 1
            assert answer["count"] == count
            assert time.monotonic() < deadline
        assert count > 0
        assert chat.call(chat.open()[0])["Answer"]["count"] == 1
    finally:
        stage.close()
