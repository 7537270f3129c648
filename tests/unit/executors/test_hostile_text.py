"""Every string of a spec: what would be read as something else is refused, the rest arrives exactly."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagehen.domain.process_text import MAX_STRING_BYTES
from sagehen.executors.base import Limits, Mount, Network, SandboxSpec, SandboxUnavailable
from sagehen.executors.isolation import bubblewrap
from sagehen.executors.isolation.steps import Step
from sagehen.executors.processes.representable import require_representable

from .conftest import Bench

ESCAPE = "x\0--bind\0/\0/mnt\0--cap-add\0ALL\0--setenv\0B\0y"
ISOLATION = bubblewrap.Isolation("host", True, 60600, 5, 6)


@pytest.mark.sandbox
@pytest.mark.parametrize("where", ["environment", "name", "argument", "folder", "target", "hostname"])
async def test_a_nul_never_becomes_another_option(bench: Bench, where: str, tmp_path: Path) -> None:
    spec = bench.spec("import os; print(os.listdir('/mnt'))")
    spec = {
        "environment": replace(spec, environment={"A": ESCAPE}),
        "name": replace(spec, environment={ESCAPE: "x"}),
        "argument": replace(spec, command=(*spec.command, ESCAPE)),
        "folder": replace(spec, working_directory=f"/tmp{ESCAPE}"),
        "target": replace(spec, mounts=(*spec.mounts, Mount(tmp_path, f"/opt/{ESCAPE}"))),
        "hostname": replace(spec, hostname=ESCAPE),
    }[where]
    with pytest.raises(SandboxUnavailable):
        await bench.start(spec)
    # Nothing of it is left: the same name starts again.
    status, lines = await bench.run("print('well')")
    assert (status.code, lines) == (0, ["stdout: well"])


ODD = {
    "NEWLINE": "a\nb\r\nc",
    "DASHES": "--bind",
    "EQUALS": "=a=b=",
    "EMPTY": "",
    "QUOTES": "'\"$(id)`id`\\",
    "BYTES": "caf\udce9",
    "WIDE": "\U0001f426 \u2028 \ufeff",
    "ESCAPES": "\x1b]0;title\x07\x7f\x9b",
    "LONG": "l" * 100_000,
    "LD_LIBRARY_PATH": "/opt/--bind\n=x",
    "_lower.dotted-name": "x",
}


@pytest.mark.sandbox
async def test_whatever_can_be_represented_arrives_exactly(bench: Bench) -> None:
    status, lines = await bench.run(
        "import json, os, sys\nprint(json.dumps([sys.argv[1:], dict(os.environ)]))",
        *ODD.values(),
        environment=ODD,
    )
    assert status.code == 0
    arguments, environment = json.loads(lines[0].removeprefix("stdout: "))
    assert arguments == list(ODD.values())
    assert {name: environment.get(name) for name in ODD} == ODD


@pytest.mark.sandbox
@pytest.mark.parametrize("program", ["--help", "A=B", "-x"])
@pytest.mark.parametrize("late", [{}, {"LD_LIBRARY_PATH": "/programs"}], ids=["", "behind env"])
async def test_a_commands_name_is_never_an_option_or_a_variable(
    bench: Bench, program: str, late: dict[str, str]
) -> None:
    # What stands before it: prlimit for an ordinary user, setpriv for root, then `env` for some variables.
    folder = bench.folder / "programs"
    folder.mkdir()
    (folder / program).write_text("#!/bin/sh\necho started\n")
    (folder / program).chmod(0o755)
    status, lines = await bench.run(
        "",
        command=(program,),
        mounts=(Mount(folder, "/programs"),),
        environment={"PATH": "/programs:/usr/bin:/bin", **late},
    )
    assert (status.code, lines) == (0, ["stdout: started"])


@given(
    st.text(st.characters(codec=None)),
    st.dictionaries(st.text(st.characters(codec=None)), st.text(st.characters(codec=None))),
)
def test_options_are_read_as_they_were_meant_or_refused(text: str, environment: dict[str, str]) -> None:
    steps = [Step("ro", f"/t/{text}", f"/s/{text}")]
    try:
        written = bubblewrap.options(ISOLATION, steps, text, environment)
    except ValueError:
        everything = "".join((text, *environment, *environment.values()))
        odd = "\0" in everything or any("\ud800" <= sign <= "\udfff" for sign in everything)
        assert odd
        return
    read = [option.decode("utf-8", "surrogateescape") for option in written.split(b"\0")[:-1]]
    assert read == bubblewrap.option_list(ISOLATION, steps, text, environment)


SPEC = SandboxSpec("box", Path("/nonexistent"), ("python",), Limits(1, 64))


@pytest.mark.parametrize(
    "changes",
    [
        {"command": ()},
        {"command": ("python", "\ud800")},
        {"environment": {"": "x"}},
        {"environment": {"A=B": "x"}},
        {"environment": {"A": "x" * MAX_STRING_BYTES}},
        {"environment": {f"A{number}": "x" * 100_000 for number in range(25)}},
        {"hostname": "a\nb"},
        {"user_name": "a\x1bb"},
        {"user_name": "job:x:0:0"},
        {"user_name": "job\nroot2"},
        {"hostname": "a b"},
        {"network": Network("n", {"algo-1\n6.6.6.6 pypi.org": "127.0.0.1"})},
        {"network": Network("n", {"algo-1": "127.0.0.1 x"})},
    ],
)
def test_specs_that_no_process_can_have(changes: dict[str, object]) -> None:
    require_representable(SPEC)
    with pytest.raises(SandboxUnavailable):
        require_representable(replace(SPEC, **changes))  # type: ignore[arg-type]
