"""The parts without processes: error documents, the log tail, what may be forked, layers, discovery."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sagehen.domain.clock import ManualClock
from sagehen.domain.scope import Scope
from sagehen.executors.base import ExitStatus
from sagehen.services.lambda_.execution import faults, layers, preloading, runtimes
from sagehen.services.lambda_.execution.contract import FunctionVersion
from sagehen.services.lambda_.execution.log_stream import TAIL_BYTES, Ending, LogStream
from sagehen.services.lambda_.execution.runtimes import Runtime

from .conftest import KeptLogs


def test_interpreters_are_started_by_aws_s_names(tmp_path: Path) -> None:
    python = Runtime("python3.11", "other-python", sys.executable, "3.11.0")
    node = Runtime("nodejs20.x", "node", "/no where/node", "20.1.0")
    runtimes.lay_out(tmp_path, [python, node, Runtime("provided", "provided")])
    programs = sorted((tmp_path / "python3.11").iterdir())
    assert [one.name for one in programs] == ["python", "python3", "python3.11"]
    for one in programs:
        answer = subprocess.run([one, "-c", "import sys; print(sys.argv[1])", "a b"], capture_output=True)
        assert answer.stdout == b"a b\n"
    assert (tmp_path / "nodejs20.x/node").read_text() == "#!/bin/sh\nexec '/no where/node' \"$@\"\n"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["nodejs20.x", "python3.11"]


@pytest.mark.parametrize(
    ("status", "message", "type_in_lines"),
    [
        (ExitStatus(0), "Runtime exited without providing a reason", "Runtime.ExitError"),
        (ExitStatus(7), "Runtime exited with error: exit status 7", "Runtime.ExitError"),
        (ExitStatus(134, 6), "Runtime exited with error: signal: aborted", "Runtime.ExitError"),
        (ExitStatus(137, 9, True), "Runtime exited with error: signal: killed", "Runtime.OutOfMemory"),
    ],
)
def test_how_an_end_is_told(status: ExitStatus, message: str, type_in_lines: str) -> None:
    fault = faults.ended(status)
    said = json.loads(fault.payload("r-1"))
    assert said == {"errorType": "Runtime.ExitError", "errorMessage": f"RequestId: r-1 Error: {message}"}
    assert fault.type_in_lines == type_in_lines


def test_a_runtimes_own_document_gets_the_request_id_only_where_it_has_none() -> None:
    empty = faults.Fault("error", "X", document=b'{"errorMessage": "m\\u00e9", "requestId": ""}')
    assert json.loads(empty.payload("r-1")) == {"errorMessage": "mé", "requestId": "r-1"}
    for document in (b'{"requestId": "r-0"}', b"not json", b"[]"):
        assert faults.Fault("error", "X", document=document).payload("r-1") == document


def _stream(logs: KeptLogs) -> LogStream:
    function = FunctionVersion(
        Scope("111122223333", "eu-west-1"), "fn", "7", "1", "arn", "role", "python3.11", "a.b", Path("/")
    )
    return LogStream(logs, ManualClock(), function, "stream")


def test_the_tail_is_the_last_4_kib_of_one_invocation() -> None:
    stream = _stream(KeptLogs())
    stream.line("before")
    stream.begin_tail()
    stream.line("first")
    for number in range(1000):
        stream.line(f"{number:04d} é")
    assert len(stream.tail().encode()) in (TAIL_BYTES, TAIL_BYTES - 1)
    assert stream.tail().endswith("0999 é\n")
    stream.begin_tail()
    stream.line("only")
    assert stream.tail() == "only\n"


def test_lines_come_in_batches_and_in_order() -> None:
    logs = KeptLogs()
    stream = _stream(logs)
    stream.start("r-1")
    stream.line("a")
    assert logs.lines == {}
    stream.end(Ending("r-1", 1.234, 2, 40))
    assert logs.lines["stream"] == [
        "START RequestId: r-1 Version: 7\n",
        "a\n",
        "END RequestId: r-1\n",
        "REPORT RequestId: r-1\tDuration: 1.23 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\t"
        "Max Memory Used: 40 MB\t\n",
    ]
    assert logs.groups == {"/aws/lambda/fn"}


@pytest.mark.parametrize(
    ("file", "may"),
    [
        ("app.py", True),
        ("vendor/requests/__init__.py", True),
        ("numpy/core.cpython-311-x86_64-linux-gnu.so", True),
        ("boto3/__init__.py", False),
        ("deep/below/botocore/__init__.py", False),
        ("six.py", False),
        ("json.py", False),
        ("logging/__init__.py", False),
        ("lib/libgomp.so.1", False),
        ("libfoo.so", False),
        ("boto3.zip", False),
    ],
)
def test_what_may_be_forked(tmp_path: Path, file: str, may: bool) -> None:
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text("")
    assert preloading.may_fork(tmp_path, []) is may


@pytest.mark.parametrize("file", ["python/urllib3/x.py", "python/json.py", "lib/libx.so", "other/boto3/a"])
def test_a_layer_may_forbid_it_as_well(tmp_path: Path, file: str) -> None:
    code, layer = tmp_path / "code", tmp_path / "layer"
    code.mkdir()
    (layer / file).parent.mkdir(parents=True)
    (layer / file).write_text("")
    assert not preloading.may_fork(code, [layer])


def test_layers_replace_files_by_folders_and_the_other_way_round(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for path, text in ((one / "a", "1"), (one / "b/c", "1"), (two / "a/x", "2"), (two / "b", "2")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (two / "link").symlink_to("b")
    assert layers.merged([], tmp_path / "sets") is None
    assert layers.merged([one], tmp_path / "sets") == one
    opt = layers.merged([one, two], tmp_path / "sets")
    assert opt is not None
    assert (opt / "a/x").read_text() == (opt / "b").read_text() == (opt / "link").read_text() == "2"
    assert (opt / "link").is_symlink()
    assert layers.merged([one, two], tmp_path / "sets") == opt
    assert (one / "a").read_text() == "1", "the layers themselves stay as they were"


def test_interpreters_are_found_and_shims_are_not(tmp_path: Path) -> None:
    real = tmp_path / ".pyenv/versions/3.12.1"
    for folder in (real, tmp_path / ".pyenv/versions/3.12.9"):
        (folder / "bin").mkdir(parents=True)
        (folder / "lib/python3.12").mkdir(parents=True)
        (folder / "lib/python3.12/os.py").write_text("")
        (folder / "include/python3.12").mkdir(parents=True)
        (folder / "include/python3.12/patchlevel.h").write_text(f'#define PY_VERSION "{folder.name}"\n')
        program = folder / "bin/python3.12"
        program.write_bytes(b"\x7fELF")
        program.chmod(0o755)
    shims = tmp_path / "shims"
    shims.mkdir()
    (shims / "python3.13").write_text("#!/bin/sh\n")
    (shims / "python3.13").chmod(0o755)
    found = runtimes.discover(tmp_path, str(shims))
    newest = tmp_path / ".pyenv/versions/3.12.9"
    if sys.version_info[:2] != (3, 12):
        python = found["python3.12"]
        assert python == Runtime(
            "python3.12", "other-python", str(newest / "bin/python3.12"), "3.12.9", newest
        )
        assert python.version_line == "python:3.12.v9"
    assert "python3.13" not in found or sys.version_info[:2] == (3, 13)
    assert found[f"python{sys.version_info.major}.{sys.version_info.minor}"].kind == "python"
    assert found["provided.al2023"].version_line == "provided:al2023.v1"
    assert not any(name.startswith("nodejs") for name in found)


def test_a_programs_path_is_searched_for_node(tmp_path: Path) -> None:
    node = runtimes.discover(tmp_path, os.environ["PATH"])
    names = [name for name in node if name.startswith("nodejs")]
    for name in names:
        assert name == f"nodejs{node[name].version.split('.')[0]}.x"
        assert node[name].version_line.startswith("nodejs:")


def test_aws_s_sdk_for_node_is_seen_where_npm_installs_it(tmp_path: Path) -> None:
    program = shutil.which("node")
    if program is None:
        pytest.skip("no Node.js on this machine")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/node").symlink_to(Path(program).resolve())
    modules = tmp_path / "lib/node_modules"
    (modules / "@aws-sdk").mkdir(parents=True)
    [node] = [
        one for one in runtimes.discover(tmp_path, str(tmp_path / "bin")).values() if one.kind == "node"
    ]
    assert node.modules == modules
