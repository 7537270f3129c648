"""InvokeEndpoint's overhead: the signed, authorized, routed request against the bare model server.

Both reach the same process with the same handler and body: once over the instance's unix socket,
once through the front door. The difference of the medians is what the platform adds.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.deploy import endpoint
from benchmarks.processes import Platform
from benchmarks.rounds import Address, Result, in_turn, load
from benchmarks.signed import client, record
from benchmarks.table import Row, Table, milliseconds, per_second

_ROUNDS = 7
_SECONDS = 1.5
_CONNECTIONS = (1, 4, 16)
BODY = b'{"instances": [[5.1, 3.5, 1.4, 0.2]]}'
HANDLER = """
def model_fn(model_dir):
    return None

def transform_fn(model, data, content_type, accept):
    return data, content_type
"""


def measure(say: Callable[[str], None]) -> Table:
    """Alternate the two ways at each concurrency."""
    rows = []
    with Platform() as platform:
        say("deploying the endpoint")
        socket = endpoint(platform, "echo", HANDLER)
        runtime = client("sagemaker-runtime", platform.url, platform.keys)
        call = {"EndpointName": "echo", "ContentType": "application/json", "Body": BODY}
        for connections in _CONNECTIONS:
            signed = [record(runtime, "invoke_endpoint", **call)]
            runs = {
                "bare": lambda n=connections: load(
                    Address(socket=socket), [_bare()], connections=n, seconds=_SECONDS
                ),
                "platform": lambda n=connections, requests=signed: load(
                    Address(port=platform.port), requests, connections=n, seconds=_SECONDS
                ),
            }
            found = in_turn(runs, rounds=_ROUNDS, say=say, what=f"{connections} connections")
            rows += _rows(connections, found["platform"], found["bare"])
    return Table(
        "InvokeEndpoint over the bare model server",
        peer="bare model server",
        method=(
            "An echo handler with a body of 37 bytes; boto3's own request, signed and authorized, against "
            "the instance's unix socket. "
            f"Medians of {_ROUNDS} rounds of {_SECONDS:g} s in turn; the ratio column holds the difference."
        ),
        rows=rows,
    )


def _bare() -> bytes:
    head = "POST /invocations HTTP/1.1\r\nhost: model\r\ncontent-type: application/json\r\n"
    return f"{head}content-length: {len(BODY)}\r\n\r\n".encode() + BODY


def _rows(connections: int, ours: Result, bare: Result) -> list[Row]:
    what = f"{connections} connection" + ("s" if connections > 1 else "")
    aim = "aim: under 1 ms more" if connections == 1 else ""
    return [
        Row(f"{what}, p50", milliseconds(ours.p50), milliseconds(bare.p50),
            "+" + milliseconds(ours.p50 - bare.p50), aim),
        Row(f"{what}, p99", milliseconds(ours.p99), milliseconds(bare.p99),
            "+" + milliseconds(ours.p99 - bare.p99)),
        Row(f"{what}, requests", per_second(ours.rate), per_second(bare.rate),
            f"{ours.rate / bare.rate:.2f}"),
    ]  # fmt: skip
