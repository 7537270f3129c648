"""Runtimes other than the platform's own Python: whatever of them this machine has."""

from __future__ import annotations

import json

import pytest
from tests.running import LAMBDA_RUNTIME

from sagehen.services.lambda_.execution.response_stream import Pieces, ResponseStream

from .conftest import Functions, event

pytestmark = [pytest.mark.sandbox, pytest.mark.once]


def _others(functions: Functions, family: str) -> list[str]:
    return [
        name
        for name in functions.environments.runtimes()
        if name.startswith(family) and name != LAMBDA_RUNTIME
    ]


def _node(functions: Functions) -> str:
    names = _others(functions, "nodejs")
    if not names:
        pytest.skip("no Node.js on this machine")
    return names[0]


async def test_other_pythons_run_with_boto3_and_their_own_library(functions: Functions) -> None:
    names = _others(functions, "python")
    if not names:
        pytest.skip("no other Python on this machine")
    for name in names:
        environment = await functions.start(
            "import importlib.util, sys, boto3\n"
            "def handler(event, context):\n"
            "    if event: raise ValueError('no')\n"
            "    names = ('numpy', 'pytest', 'pip')\n"
            "    there = [n for n in names if importlib.util.find_spec(n)]\n"
            "    left_ms = context.get_remaining_time_in_millis()\n"
            "    return ['%d.%d' % sys.version_info[:2], left_ms > 0, there]\n",
            runtime=name,
            timeout_s=30,
            memory_mib=512,
        )
        outcome = await environment.invoke(event())
        assert json.loads(outcome.payload) == [name.removeprefix("python"), True, []], outcome.log_tail
        failed = await environment.invoke(event(b'{"a": 1}'))
        assert (failed.function_error, json.loads(failed.payload)["errorType"]) == ("Unhandled", "ValueError")


async def test_node_handlers_of_every_kind(functions: Functions) -> None:
    node = _node(functions)
    answer = "{ a: event.a, id: context.awsRequestId.length }"
    kinds = {
        f"exports.handler = async (event, context) => ({answer});": "app.js",
        f"exports.handler = (event, context, done) => setTimeout(() => done(null, {answer}), 5);": "app.js",
        f"exports.handler = (event, context) => Promise.resolve({answer});": "app.cjs",
        f"export const handler = async (event, context) => ({answer});": "app.mjs",
    }
    for source, file in kinds.items():
        outcome = await functions.run({file: source}, b'{"a": [1]}', runtime=node, memory_mib=256)
        assert json.loads(outcome.payload) == {"a": [1], "id": 36}, (source, outcome.log_tail)


async def test_node_errors_and_prints_are_as_awss(functions: Functions) -> None:
    node = _node(functions)
    source = "exports.handler = async () => { console.log('seen', {b: 1}); throw new TypeError('bad'); };"
    outcome = await functions.run(
        {"lib/app.js": source}, runtime=node, handler="lib/app.handler", memory_mib=256
    )
    document = json.loads(outcome.payload)
    assert (outcome.function_error, document["errorType"], document["errorMessage"]) == (
        "Unhandled",
        "TypeError",
        "bad",
    )
    assert document["trace"][0] == "TypeError: bad" and "/var/task/lib/app.js" in document["trace"][1]
    assert "\tINFO\tseen { b: 1 }\n" in outcome.log_tail
    assert "\tERROR\tInvoke Error \t" in outcome.log_tail
    missing = await functions.run({"app.js": "require('nonesuch')"}, runtime=node, memory_mib=256)
    assert json.loads(missing.payload)["errorType"] == "Runtime.ImportModuleError"
    nothing = await functions.run({"app.js": "exports.other = 1"}, runtime=node, memory_mib=256)
    assert json.loads(nothing.payload)["errorType"] == "Runtime.HandlerNotFound"


_STREAMS = """
exports.handler = awslambda.streamifyResponse(async (event, stream, context) => {
  stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201 });
  if (event.early) throw new TypeError('early');
  stream.write('half');
  if (event.late) throw new TypeError('late');
  stream.end('whole');
});
"""


async def test_node_handlers_that_stream(functions: Functions) -> None:
    environment = await functions.start({"app.js": _STREAMS}, runtime=_node(functions), memory_mib=256)
    for asked, error, sent in (
        (b"{}", None, b'{"statusCode":201}' + bytes(8) + b"halfwhole"),
        (b'{"late":1}', "late", b'{"statusCode":201}' + bytes(8) + b"half"),
        (b'{"early":1}', "early", None),
    ):
        stream = ResponseStream()
        outcome = await environment.invoke(event(asked, stream=stream))
        stream.close()
        assert (json.loads(outcome.payload)["errorMessage"] if outcome.payload else None) == error
        assert stream.has_begun == (sent is not None)
        assert b"".join([piece async for piece in Pieces(stream)]) == (sent or b"")
        if sent:
            assert stream.content_type == "application/vnd.awslambda.http-integration-response"


_BOOTSTRAP = """#!/bin/sh
API="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while true; do
  HEADERS=$(mktemp)
  EVENT=$(curl -sS -D "$HEADERS" "$API/next")
  ID=$(grep -Fi Lambda-Runtime-Aws-Request-Id "$HEADERS" | tr -d '[:space:]' | cut -d: -f2)
  echo "handling with $_HANDLER"
  curl -sS -o /dev/null "$API/$ID/response" -d "{\\"echo\\": $EVENT}"
done
"""


async def test_provided_runs_the_packages_bootstrap(functions: Functions) -> None:
    environment = await functions.start({"bootstrap": _BOOTSTRAP}, runtime="provided.al2023", timeout_s=20)
    for number in (1, 2):
        outcome = await environment.invoke(event(b"%d" % number))
        assert json.loads(outcome.payload) == {"echo": number}
        assert "handling with app.handler\n" in outcome.log_tail


async def test_provided_without_a_bootstrap_says_so(functions: Functions) -> None:
    environment = await functions.start({"other": "x"}, runtime="provided.al2")
    outcome = await environment.invoke(event())
    document = json.loads(outcome.payload)
    assert document["errorType"] == "Runtime.InvalidEntrypoint"
    assert document["errorMessage"].endswith(
        "Error: Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"
    )
