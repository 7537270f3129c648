"""AWS_LAMBDA_EXEC_WRAPPER: a script of the package or of a layer starts the runtime; and what it sees."""

from __future__ import annotations

import json

import pytest

from .conftest import Functions

pytestmark = pytest.mark.sandbox

WRAPPED = {"AWS_LAMBDA_EXEC_WRAPPER": "/var/task/wrapper"}
TELL = """
import os, sys
def handler(event, context):
    return {"argv": sys.argv, "dev": sys.flags.dev_mode, "path": sys.path[:3], "name": __name__,
            "set": os.environ.get("SET_BY_WRAPPER"), "args": os.environ.get("WRAPPER_GOT")}
"""
# Options go before the last argument, as AWS's documentation shows it.
INSERTS_OPTIONS = """#!/bin/bash
args=("$@")
export WRAPPER_GOT="$*" SET_BY_WRAPPER=yes
exec "${args[@]:0:$#-1}" -X dev "${args[@]: -1}"
"""


async def test_it_runs_the_interpreter_with_options_of_its_own(functions: Functions) -> None:
    files = {"app.py": TELL, "wrapper": INSERTS_OPTIONS}
    told = json.loads((await functions.run(files, environment=WRAPPED, timeout_s=30)).payload)
    assert (told["set"], told["dev"], told["name"]) == ("yes", True, "app")
    assert told["args"].split()[1:] == ["/var/runtime/bootstrap.py"]
    assert told["path"][0] == "/var/task"


async def test_it_may_be_a_layers_and_change_the_handler(functions: Functions) -> None:
    layer = {"instrument": '#!/bin/sh\nexport ORIGINAL=$_HANDLER _HANDLER=traced.handler\nexec "$@"\n'}
    outcome = await functions.run(
        {"app.py": "", "traced.py": "import os\ndef handler(e, c):\n return os.environ['ORIGINAL']\n"},
        layers=[layer],
        environment={"AWS_LAMBDA_EXEC_WRAPPER": "/opt/instrument"},
        timeout_s=30,
    )
    assert (outcome.function_error, json.loads(outcome.payload)) == (None, "app.handler")


@pytest.mark.parametrize(
    ("files", "code", "line"),
    [
        ({}, 127, "/var/task/wrapper: does not exist"),
        ({"wrapper": "x"}, 126, "wrapper: is not an executable"),
    ],
)
async def test_one_that_cannot_run(functions: Functions, files: dict[str, str], code: int, line: str) -> None:
    outcome = await functions.run({"app.py": TELL, **files}, environment=WRAPPED, timeout_s=30)
    said = json.loads(outcome.payload)
    assert outcome.function_error == "Unhandled"
    assert said["errorType"] == "Runtime.ExitError"
    assert said["errorMessage"].endswith(f"Runtime exited with error: exit status {code}")
    assert any(line in printed for lines in functions.logs.lines.values() for printed in lines)


async def test_with_node(functions: Functions) -> None:
    name = next((one for one in functions.environments.runtimes() if one.startswith("nodejs")), None)
    if name is None:
        pytest.skip("no Node.js on this machine")
    source = "exports.handler = async () => [process.env.SET_BY_WRAPPER, process.env.WRAPPER_GOT];\n"
    script = INSERTS_OPTIONS.replace("-X dev", "--no-warnings")
    outcome = await functions.run(
        {"app.js": source, "wrapper": script}, runtime=name, environment=WRAPPED, timeout_s=30
    )
    found = json.loads(outcome.payload)
    assert found[0] == "yes"
    assert found[1].endswith("node /var/runtime/index.mjs")


async def test_bootstraps_of_packages_are_not_wrapped(functions: Functions) -> None:
    script = """#!/usr/bin/env python3
import http.client, os, time
def ask(method, path, body=None):
    door = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    door.request(method, "/2018-06-01/runtime/invocation/" + path, body)
    return door.getresponse()
event = ask("GET", "next")
ask("POST", event.headers["Lambda-Runtime-Aws-Request-Id"] + "/response", b"1").read()
time.sleep(60)
"""
    outcome = await functions.run(
        {"bootstrap": script, "wrapper": "#!/bin/sh\nexit 3\n"},
        runtime="provided.al2023",
        environment=WRAPPED,
        timeout_s=30,
    )
    assert (outcome.function_error, outcome.payload) == (None, b"1")


async def test_what_a_function_sees_of_itself(functions: Functions) -> None:
    outcome = await functions.run("""
import getpass, os, pwd
def handler(event, context):
    opt = os.stat("/opt")
    return {"user": getpass.getuser(), "opt": [oct(opt.st_mode), os.listdir("/opt")],
            "shlvl": os.environ["SHLVL"], "cwd": os.getcwd(), "home": os.environ.get("HOME"),
            "login": pwd.getpwuid(os.getuid()).pw_name}
""")
    assert json.loads(outcome.payload) == {
        "user": "sbx_user1051",
        "login": "sbx_user1051",
        "opt": ["0o40755", []],
        "shlvl": "0",
        "cwd": "/var/task",
        "home": None,
    }
