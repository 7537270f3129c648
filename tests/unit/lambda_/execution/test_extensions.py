"""External extensions in real sandboxes: started before the runtime, heard until the end."""

from __future__ import annotations

import json
import sys

import pytest

from sagehen.services.lambda_.execution.contract import Outcome

from .conftest import Functions, event

pytestmark = pytest.mark.sandbox

# An extension's own client. `say` is read by the test; `act` is what one test wants it to do.
CLIENT = f"""#!{sys.executable}
import http.client, json, os, sys, time
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
name = os.path.basename(__file__)
def ask(method, path, body=None, **headers):
    headers = {{key.replace("_", "-"): value for key, value in headers.items()}}
    api.request(method, path, None if body is None else json.dumps(body), headers)
    answer = api.getresponse()
    return answer.headers, json.loads(answer.read() or "null")
def register(*events):
    global identifier
    headers, content = ask("POST", "/2020-01-01/extension/register", {{"events": events}},
                           Lambda_Extension_Name=name, Lambda_Extension_Accept_Feature="accountId")
    identifier = headers["Lambda-Extension-Identifier"]
    return content
def next_event():
    return ask("GET", "/2020-01-01/extension/event/next", Lambda_Extension_Identifier=identifier)[1]
def say(what):
    print(name, json.dumps(what), flush=True)
"""
FOLLOWS = (
    CLIENT
    + """
say(register("INVOKE", "SHUTDOWN"))
say(sorted(key for key in os.environ if key in ("_HANDLER", "COLOUR", "AWS_SESSION_TOKEN")))
while True:
    told = next_event()
    time.sleep(float(os.environ.get("LINGER", 0)))
    say([told["eventType"], told.get("requestId") or told.get("shutdownReason")])
    if told["eventType"] == "SHUTDOWN":
        break
"""
)
SOURCE = """
import os, sys, time
print("init", flush=True)
def handler(event, context):
    print("handled", file=sys.stderr)
    if event == "exit":
        os._exit(3)
    return [event, os.environ["COLOUR"], "ext" in open("/proc/1/task/1/children").read()]
"""


def lines_of(functions: Functions) -> list[str]:
    [lines] = functions.logs.lines.values()
    return [line.rstrip("\n") for line in lines]


async def test_the_phases_of_an_extension(functions: Functions) -> None:
    environment = await functions.start(
        SOURCE,
        layers=[{"extensions/follows": FOLLOWS, "extensions/folder/data.txt": "no extension"}],
        environment={"COLOUR": "blue", "LINGER": "0.4"},
        timeout_s=30,
    )
    early: list[Outcome] = []
    first = event(b'"one"', on_answer=early.append)
    outcome = await environment.invoke(first)
    # Who waits for the answer has it before the extension is done.
    assert [one.payload for one in early] == [outcome.payload]
    assert early[0].duration_ms < outcome.duration_ms
    assert json.loads(outcome.payload)[:2] == ["one", "blue"]
    # Until the extension has asked for the next event, the invocation goes on, and is paid for.
    assert outcome.post_runtime_ms is not None
    assert outcome.post_runtime_ms > 80
    assert outcome.duration_ms > outcome.post_runtime_ms
    second = event(b'"two"')
    await environment.invoke(second)
    await environment.shutdown()
    lines = lines_of(functions)
    said = [json.loads(line.partition(" ")[2]) for line in lines if line.startswith("follows ")]
    assert said == [
        {
            "functionName": "fn-1",
            "functionVersion": "$LATEST",
            "handler": "app.handler",
            "accountId": "111122223333",
        },
        ["AWS_SESSION_TOKEN", "COLOUR"],  # the runtime's own variables are not its
        ["INVOKE", first.request_id],
        ["INVOKE", second.request_id],
        ["SHUTDOWN", "spindown"],
    ]
    assert "EXTENSION\tName: follows\tState: Ready\tEvents: [INVOKE,SHUTDOWN]" in lines
    assert lines.index("init") > lines.index('follows ["AWS_SESSION_TOKEN", "COLOUR"]')
    assert lines.count("handled") == 2


CRASHES_LATER = CLIENT + "register('INVOKE')\nnext_event()\nsys.exit(7)\n"
FAILS_INIT = (
    CLIENT
    + """register()
ask("POST", "/2020-01-01/extension/init/error", {}, Lambda_Extension_Identifier=identifier,
    Lambda_Extension_Function_Error_Type="Extension.NoLicence")
sys.exit(1)
"""
)


# A program, and what it makes of the function: type, end of the message, and the extension's line.
FAILURES = (
    (CLIENT + "sys.exit(2)\n", "Extension.Crash", "exit status 2", "State: Exited\tEvents: []"),
    (CLIENT, "Extension.Crash", "exit code 0", "State: Exited"),
    (
        FAILS_INIT,
        "Extension.InitError",
        "Extension.NoLicence",
        "State: InitError\tEvents: []\tError Type: Extension.NoLicence",
    ),
    (
        "not executable",
        "Extension.LaunchError",
        "fork/exec /opt/extensions/broken: permission denied",
        "State: LaunchError\tEvents: []\tError Type: PermissionDenied",
    ),
    ("#!/no/such/interpreter\n", "Extension.LaunchError", "no such file or directory", "LaunchError"),
    (CRASHES_LATER, "Extension.Crash", "exit status 7", "State: Ready\tEvents: [INVOKE]"),
)


async def test_an_extension_that_fails_fails_the_function(functions: Functions) -> None:
    source = "import time\ndef handler(event, context): time.sleep(0.3); return event\n"
    for extension, error_type, message, line in FAILURES:
        functions.logs.lines.clear()
        outcome = await functions.run(source, layers=[{"extensions/broken": extension}], timeout_s=30)
        document = json.loads(outcome.payload)
        assert (outcome.function_error, document["errorType"]) == ("Unhandled", error_type)
        assert document["errorMessage"].startswith("RequestId: ")
        assert document["errorMessage"].endswith(message)
        assert any(line in one for one in lines_of(functions) if one.startswith("EXTENSION\tName: broken"))


async def test_what_goes_wrong_is_told_before_the_end(functions: Functions) -> None:
    """The next event starts anew, whatever ended the last one."""
    environment = await functions.start(
        SOURCE.replace("return [", "time.sleep(event); return ["),
        layers=[{"extensions/follows": FOLLOWS}],
        environment={"COLOUR": "blue"},
        timeout_s=1,
    )
    crash = await environment.invoke(event(b'"exit"'))
    assert json.loads(crash.payload)["errorMessage"].endswith("Runtime exited with error: exit status 3")
    slow = await environment.invoke(event(b"30"))
    assert json.loads(slow.payload)["errorType"] == "Sandbox.Timedout"
    assert json.loads((await environment.invoke(event(b"0"))).payload)[0] == 0
    await environment.shutdown()
    said = [json.loads(line.partition(" ")[2]) for line in lines_of(functions) if line.startswith("follows ")]
    reasons = [one[1] for one in said if isinstance(one, list) and one[0] == "SHUTDOWN"]
    assert reasons == ["failure", "timeout", "spindown"]


LISTENS = (
    CLIENT
    + """
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
class Listener(BaseHTTPRequestHandler):
    refused = 0
    log_message = staticmethod(lambda *_: None)
    def do_POST(self):
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        Listener.refused += 1
        self.send_response(503 if Listener.refused == 1 else 200)
        self.end_headers()
        if Listener.refused > 1:
            with open("/tmp/heard", "a") as file:
                file.writelines(json.dumps(one) + "\\n" for one in content)
server = HTTPServer(("sandbox.localdomain", 4243), Listener)
threading.Thread(target=server.serve_forever, daemon=True).start()
register("INVOKE", "SHUTDOWN")
say(ask("PUT", "/2022-07-01/telemetry", {
    "schemaVersion": "2022-12-13", "types": ["platform", "function", "extension"],
    "buffering": {"maxItems": 1000, "maxBytes": 262144, "timeoutMs": 25},
    "destination": {"protocol": "HTTP", "URI": "http://sandbox.localdomain:4243/in"},
}, Lambda_Extension_Identifier=identifier)[1])
while next_event()["eventType"] != "SHUTDOWN":
    pass
"""
)
READS = """
import json, os, time
print("starting")
def handler(event, context):
    print("handled")
    while event and not (os.path.exists("/tmp/heard") and "runtimeDone" in open("/tmp/heard").read()):
        time.sleep(0.01)
    return [json.loads(line) for line in open("/tmp/heard")] if event else None
"""


async def test_an_extension_hears_of_everything(functions: Functions) -> None:
    environment = await functions.start(READS, layers=[{"extensions/listens": LISTENS}], timeout_s=30)
    first = event(b"0")
    await environment.invoke(first)
    heard = json.loads((await environment.invoke(event(b"1"))).payload)
    await environment.shutdown()
    kinds = [one["type"] for one in heard]
    # The first request was refused, and came again.
    assert kinds[0] == "platform.initStart"
    for kind in (
        "telemetrySubscription",
        "extension",
        "initRuntimeDone",
        "initReport",
        "start",
        "runtimeDone",
    ):
        assert f"platform.{kind}" in kinds, kinds
    assert kinds.index("platform.initReport") < kinds.index("platform.start")
    of = {one["type"]: one["record"] for one in heard}
    assert of["platform.runtimeDone"]["requestId"] == first.request_id
    assert [one["record"] for one in heard if one["type"] == "function"][:2] == ["starting", "handled"]
    assert [one["record"] for one in heard if one["type"] == "extension"] == ['listens "OK"']
    assert "TELEMETRY\tName: listens\tState: Subscribed\tTypes: [Platform, Function, Extension]" in lines_of(
        functions
    )
