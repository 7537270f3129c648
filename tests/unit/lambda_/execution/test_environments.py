"""One environment's life: init, invocations, failures and their reports, in AWS's words."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from tests.running import LAMBDA_RUNTIME

from sagehen.services.lambda_.execution.contract import EnvironmentFailed
from sagehen.services.lambda_.execution.runtime_process import RuntimeProcess

from .conftest import Functions, event

pytestmark = pytest.mark.sandbox


async def test_an_event_goes_in_and_an_answer_comes_out(functions: Functions) -> None:
    environment = await functions.start(
        "import boto3\ncount = 0\n"
        "def handler(event, context):\n"
        "    global count; count += 1\n"
        "    print('seen', event['a'])\n"
        "    return {'twice': event['a'] * 2, 'count': count}\n"
    )
    first = await environment.invoke(event(b'{"a": 4}'))
    second = await environment.invoke(event(b'{"a": 5}'))
    assert (json.loads(first.payload), first.function_error) == ({"twice": 8, "count": 1}, None)
    assert json.loads(second.payload) == {"twice": 10, "count": 2}
    assert first.init_ms is not None and second.init_ms is None
    assert first.billed_ms >= first.init_ms + first.duration_ms
    lines = functions.logs.lines[environment.log_stream]
    assert re.fullmatch(
        rf"INIT_START Runtime Version: python:{LAMBDA_RUNTIME[6:]}\.v\d+\tRuntime Version ARN: "
        r"arn:aws:lambda:eu-west-1::runtime:[0-9a-f]{64}\n",
        lines[0],
    )
    assert re.fullmatch(r"START RequestId: [0-9a-f-]{36} Version: \$LATEST\n", lines[1])
    assert lines[2] == "seen 4\n"
    assert re.fullmatch(r"END RequestId: [0-9a-f-]{36}\n", lines[3])
    report = (
        r"REPORT RequestId: [0-9a-f-]{36}\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\t"
        r"Memory Size: 128 MB\tMax Memory Used: \d+ MB\t"
    )
    assert re.fullmatch(report + r"Init Duration: \d+\.\d\d ms\t\n", lines[4])
    assert re.fullmatch(report + r"\n", lines[8])
    assert second.log_tail == "".join(lines[5:])
    assert 0 < second.max_memory_mib <= 128
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", environment.log_stream)


async def test_the_environment_is_as_aws_makes_it(functions: Functions) -> None:
    outcome = await functions.run(
        "import os, sys\n"
        "def handler(event, context):\n"
        "    return {'env': dict(os.environ), 'path': sys.path, 'cwd': os.getcwd(),\n"
        "            'context': str(context), 'arn': context.invoked_function_arn,\n"
        "            'left': context.get_remaining_time_in_millis()}\n",
        function_name="shop",
        environment={"STAGE": "dev", "AWS_REGION": "us-west-2"} | {"TABLE": "x=y"},
    )
    seen = json.loads(outcome.payload)
    env = seen["env"]
    expected = {
        "AWS_LAMBDA_FUNCTION_NAME": "shop",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/shop",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{LAMBDA_RUNTIME}",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "ASIA0000000000000001",
        "AWS_SECRET_ACCESS_KEY": "secret-of-shop",
        "AWS_SESSION_TOKEN": "token",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
        "HTTPS_PROXY": "http://127.0.0.1:4566",
        "LAMBDA_TASK_ROOT": "/var/task",
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "PYTHONPATH": "/var/runtime",
        "_HANDLER": "app.handler",
        "TZ": ":UTC",
        "STAGE": "dev",
        "TABLE": "x=y",
    }
    assert {name: env.get(name) for name in expected} == expected
    assert not [name for name in env if name.startswith("SAGEHEN")]
    assert env["_X_AMZN_TRACE_ID"].startswith("Root=1-")
    assert seen["path"][:4] == [
        "/var/task",
        f"/opt/python/lib/{LAMBDA_RUNTIME}/site-packages",
        "/opt/python",
        "/var/runtime",
    ]
    assert seen["cwd"] == "/var/task"
    assert "log_group_name=/aws/lambda/shop" in seen["context"]
    assert 0 < seen["left"] <= 3000


async def test_only_the_runtimes_own_packages_are_there(functions: Functions) -> None:
    outcome = await functions.run(
        "import importlib.util as u, sys\n"
        "def handler(event, context):\n"
        "    names = ('boto3', 'urllib3', 'torch', 'numpy', 'pytest', 'uvicorn', 'sagehen')\n"
        "    def there(n):\n"
        "        try: return __import__(n) is not None\n"
        "        except ImportError: return False\n"
        "    return [n for n in names if there(n)]\n"
    )
    assert json.loads(outcome.payload) == ["boto3", "urllib3"]


async def test_what_a_handler_raises_is_the_error_document(functions: Functions) -> None:
    outcome = await functions.run("def handler(event, context):\n    raise KeyError('image')\n")
    document = json.loads(outcome.payload)
    assert outcome.function_error == "Unhandled"
    assert (document["errorType"], document["errorMessage"]) == ("KeyError", "'image'")
    assert document["stackTrace"] == [
        "  File \"/var/task/app.py\", line 2, in handler\n    raise KeyError('image')\n"
    ]
    assert "[ERROR] KeyError: 'image'\nTraceback (most recent call last):\n" in outcome.log_tail


async def test_a_module_that_is_missing_fails_init_and_again_the_invocation(functions: Functions) -> None:
    environment = await functions.start("import nonesuch\ndef handler(event, context): pass\n")
    outcome = await environment.invoke(event())
    document = json.loads(outcome.payload)
    assert document["errorType"] == "Runtime.ImportModuleError"
    assert document["errorMessage"] == "Unable to import module 'app': No module named 'nonesuch'"
    assert document["requestId"]
    lines = functions.logs.lines[environment.log_stream]
    phases = [line for line in lines if line.startswith("INIT_REPORT")]
    assert [line.split("\t")[1:] for line in phases] == [
        [f"Phase: {phase}", "Status: error", "Error Type: Runtime.ImportModuleError\n"]
        for phase in ("init", "invoke")
    ]
    assert "Status: error\tError Type: Runtime.ImportModuleError\n" in lines[-1]
    assert environment.is_usable
    cures = [line for line in lines if line.startswith("sagehen: ")]
    assert len(cures) == 1 and "nonesuch has to be in the package" in outcome.log_tail


@pytest.fixture
def limits_s(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The times that runtimes were given, in order; that they end then, test_runtime_process tells."""
    given: list[float] = []
    race = RuntimeProcess.race

    async def watched(self: RuntimeProcess, wanted: Any, limit_s: float) -> Any:
        given.append(limit_s)
        return await race(self, wanted, limit_s)

    monkeypatch.setattr(RuntimeProcess, "race", watched)
    return given


async def test_a_timeout_ends_everything_and_the_next_invocation_starts_anew(
    functions: Functions, limits_s: list[float]
) -> None:
    environment = await functions.start(
        "import time\nstarted = time.time()\n"
        "def handler(event, context):\n"
        "    print('sleeping'); time.sleep(event['s']); return started\n",
        timeout_s=1,
    )
    before = json.loads((await environment.invoke(event(b'{"s": 0}'))).payload)
    slow = event(b'{"s": 30}')
    outcome = await environment.invoke(slow)
    assert outcome.timed_out and outcome.function_error == "Unhandled"
    assert json.loads(outcome.payload) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {slow.request_id} Error: Task timed out after 1.00 seconds",
    }
    assert "sleeping\n" in outcome.log_tail
    assert f"{slow.request_id} Task timed out after 1.00 seconds\n\n" in outcome.log_tail
    assert outcome.log_tail.endswith("Status: timeout\n")
    assert limits_s[-1] == 1.0
    assert outcome.duration_ms >= 1000
    after = json.loads((await environment.invoke(event(b'{"s": 0}'))).payload)
    assert after > before


@pytest.mark.parametrize(
    ("crash", "message"),
    [
        ("os._exit(3)", "Runtime exited with error: exit status 3"),
        ("os._exit(0)", "Runtime exited without providing a reason"),
        ("sys.exit(1)", "Runtime exited with error: exit status 1"),
        ("os.kill(os.getpid(), 11)", "Runtime exited with error: signal: segmentation fault"),
    ],
)
async def test_a_crash_is_told_and_survived(functions: Functions, crash: str, message: str) -> None:
    environment = await functions.start(
        f"import os, sys\ndef handler(event, context):\n    if event: {crash}\n    return 'well'\n"
    )
    bad = event(b'{"x": 1}')
    outcome = await environment.invoke(bad)
    assert json.loads(outcome.payload) == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {bad.request_id} Error: {message}",
    }
    assert f"RequestId: {bad.request_id} Error: {message}\nRuntime.ExitError\nEND" in outcome.log_tail
    assert (await environment.invoke(event())).payload == b'"well"'


async def test_memory_beyond_the_functions_own_kills_it(functions: Functions) -> None:
    environment = await functions.start(
        "import time\ndef handler(event, context):\n"
        "    keep = []\n"
        "    for _ in range(event.get('mib', 0)):\n"
        "        keep.append(bytearray(b'x') * (1 << 20)); time.sleep(0.001)\n"
        "    return len(keep)\n",
        timeout_s=20,
    )
    assert (await environment.invoke(event(b'{"mib": 60}'))).payload == b"60"
    outcome = await environment.invoke(event(b'{"mib": 400}'))
    assert json.loads(outcome.payload)["errorMessage"].endswith("Runtime exited with error: signal: killed")
    assert json.loads(outcome.payload)["errorType"] == "Runtime.ExitError"
    assert outcome.max_memory_mib == 128
    assert "Error Type: Runtime.OutOfMemory" in outcome.log_tail


async def test_tmp_has_its_stated_size_and_is_no_memory(functions: Functions) -> None:
    environment = await functions.start(
        "import os\ndef handler(event, context):\n"
        "    written = 0\n"
        "    try:\n"
        "        with open('/tmp/big', 'wb') as f:\n"
        "            for _ in range(1000): f.write(b'x' * (1 << 20)); f.flush(); written += 1\n"
        "    except OSError as e: return [written, e.errno]\n",
        timeout_s=20,
        ephemeral_storage_mib=512,
    )
    written, errno = json.loads((await environment.invoke(event())).payload)
    assert (written, errno) == (512, 28)


async def test_init_that_takes_too_long_is_repeated_under_the_functions_timeout(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sagehen.services.lambda_.execution.environment._INIT_LIMIT_S", 0.5)
    environment = await functions.start(
        "import time\ntime.sleep(1.5)\ndef handler(event, context): return 'up'\n", timeout_s=10
    )
    outcome = await environment.invoke(event())
    assert outcome.payload == b'"up"'
    assert outcome.init_ms is None and outcome.duration_ms > 1500
    assert any(
        line.startswith("INIT_REPORT") and line.endswith("\tPhase: init\tStatus: timeout\n")
        for line in functions.logs.lines[environment.log_stream]
    )


async def test_provisioned_environments_tell_a_failed_init(functions: Functions) -> None:
    function = functions.make("raise ValueError('no model')\n")
    environment = await functions.environments.start(function, "provisioned-concurrency")
    with pytest.raises(EnvironmentFailed):
        await environment.initialize()
    good = functions.make(
        "import os\ndef handler(e, c): return os.environ['AWS_LAMBDA_INITIALIZATION_TYPE']\n"
    )
    environment = await functions.environments.start(good, "provisioned-concurrency")
    await environment.initialize()
    outcome = await environment.invoke(event())
    assert (outcome.payload, outcome.init_ms) == (b'"provisioned-concurrency"', None)


async def test_an_answer_beyond_6_mb_is_refused(functions: Functions) -> None:
    environment = await functions.start(
        "def handler(event, context): return 'x' * event.get('n', 1)\n", memory_mib=512
    )
    outcome = await environment.invoke(event(b'{"n": 7000000}'))
    assert json.loads(outcome.payload) == {
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
        "errorType": "Function.ResponseSizeTooLarge",
    }
    assert (await environment.invoke(event())).payload == b'"x"'


async def test_layers_are_merged_in_order_and_importable(functions: Functions) -> None:
    outcome = await functions.run(
        "import shade, os\n"
        "def handler(e, c): return [shade.x, sorted(os.listdir('/opt')), os.access('/opt', os.W_OK)]\n",
        layers=[
            {"python/shade.py": "x = 'first'", "a": "1"},
            {f"python/lib/{LAMBDA_RUNTIME}/site-packages/other.py": "", "b": "2"},
            {"python/shade.py": "x = 'last'"},
        ],
    )
    assert json.loads(outcome.payload) == ["last", ["a", "b", "python"], False]


SEES_LAYERS = """import sys
def handler(event, context):
    names = ('own', 'layers', 'linked', 'far')
    found = []
    for name in names:
        try: found.append(__import__(name).__file__)
        except ImportError: pass
    return found
"""


@pytest.mark.parametrize("variables", [{}, {"LD_LIBRARY_PATH": "/opt/lib"}], ids=["forked", "started"])
async def test_path_files_of_packages_and_layers_are_read(
    functions: Functions, variables: dict[str, str]
) -> None:
    package = {"app.py": SEES_LAYERS, "vendor.pth": "vendor\n", "vendor/linked.py": ""}
    layer = {"python/layers.py": "", "python/more.pth": "import sys\nfar\n", "python/far/far.py": ""}
    outcome = await functions.run(package, layers=[layer], environment=variables, timeout_s=30)
    found = ["/opt/python/layers.py", "/var/task/vendor/linked.py", "/opt/python/far/far.py"]
    assert json.loads(outcome.payload) == found


async def test_with_a_pythonpath_of_its_own_a_function_names_its_layers_there(functions: Functions) -> None:
    package = {"app.py": SEES_LAYERS, "lib/own.py": ""}
    layer = {"python/layers.py": ""}
    for path, found in (
        ("/var/task/lib", ["/var/task/lib/own.py"]),
        ("/var/task/lib:/opt/python", ["/var/task/lib/own.py", "/opt/python/layers.py"]),
    ):
        outcome = await functions.run(package, layers=[layer], environment={"PYTHONPATH": path}, timeout_s=30)
        assert json.loads(outcome.payload) == found


async def test_a_package_with_its_own_boto3_gets_that_one(functions: Functions) -> None:
    source = "import boto3\ndef handler(e, c): return boto3.mine\n"
    assert (await functions.run({"app.py": source, "boto3/__init__.py": "mine = 1"})).payload == b"1"
    layer = {"python/boto3/__init__.py": "mine = 2"}
    assert (await functions.run(source, layers=[layer])).payload == b"2"
    vendored = {
        "app.py": "import sys; sys.path.insert(0, '/var/task/v')\n" + source,
        "v/boto3.py": "mine = 3",
    }
    assert (await functions.run(vendored)).payload == b"3"


async def test_credentials_that_run_out_retire_the_environment(functions: Functions) -> None:
    environment = await functions.start("def handler(e, c): return 1\n")
    assert environment.is_usable
    await environment.shutdown()
    assert not environment.is_usable
    functions.roles.expires_in *= 0
    assert not (await functions.start("def handler(e, c): return 1\n")).is_usable


async def test_an_unknown_runtime_is_refused_by_name(functions: Functions) -> None:
    with pytest.raises(EnvironmentFailed, match=r"python2\.7 is not on this machine.*python3\.11"):
        await functions.start("", runtime="python2.7")


async def test_client_context_and_logging(functions: Functions) -> None:
    environment = await functions.start(
        "import logging\nlogging.getLogger().setLevel('INFO')\n"
        "def handler(e, c):\n"
        "    logging.info('hello'); print('half', end='')\n"
        "    return c.client_context.custom\n"
    )
    outcome = await environment.invoke(event(client_context='{"custom": {"k": "v"}}'))
    assert json.loads(outcome.payload) == {"k": "v"}
    assert re.search(r"\n\[INFO\]\t\d{4}-\S+Z\t[0-9a-f-]{36}\thello\nhalf\nEND", outcome.log_tail)


PRELOADED = "import sys\nfound = 'boto3' in sys.modules\ndef handler(e, c):\n return found\n"


@pytest.mark.parametrize(
    ("variables", "forked"),
    [
        ({}, True),
        ({"COLOUR": "blue"}, True),
        ({"LD_LIBRARY_PATH": "/opt/lib"}, False),
        ({"OMP_PROC_BIND": "true"}, False),
        ({"PYTHONHASHSEED": "1"}, False),
    ],
)
async def test_functions_are_forked_unless_their_variables_need_a_start(
    functions: Functions, variables: dict[str, str], forked: bool
) -> None:
    await functions.environments.prewarm()
    outcome = await functions.run(PRELOADED, environment=variables, timeout_s=30)
    assert json.loads(outcome.payload) is forked
