"""A sandbox on an image's root: what it writes is its own, and nothing of an image leads out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sagehen.domain.clock import SystemClock
from sagehen.executors.base import ImageRoot, Limits, Mount, SandboxSpec
from sagehen.executors.folders.removal import discard
from sagehen.executors.isolation import image_footing
from sagehen.executors.isolation.steps import Step
from sagehen.executors.machines.roots.choice import RootKind, root_kind
from sagehen.executors.sandbox.executor import SandboxExecutor
from tests.rootfs import make_root
from tests.unit.executors.conftest import REFUSAL
from tests.waiting import sandboxes_have_ended

_SCRIPT = """
read line </opt/ml/in; echo "$line"; echo mine >/opt/ml/out; echo "$X $HOME"; echo over >/kept; pwd
while read -r key value; do case $key in Uid:|NoNewPrivs:) echo "$key $value";; esac; done </proc/self/status
[ -e /usr/bin/env ] || echo "nothing of the host"
exit 7
"""


@pytest.mark.skipif(REFUSAL is not None, reason=str(REFUSAL))
async def test_an_image_runs_under_what_it_writes(tmp_path: Path) -> None:
    if root_kind() is RootKind.NONE:
        pytest.skip("the kernel lets no overlay be mounted here")
    root = make_root(tmp_path / "root", "sh")
    (root / "kept").write_text("the image's")
    (root / "etc").symlink_to(tmp_path)  # where a mount is to be
    (root / "opt").write_text("in the way")
    (tmp_path / "ml").mkdir()
    (tmp_path / "ml/in").write_text("data\n")
    before = sorted(path.name for path in tmp_path.iterdir())
    executor = SandboxExecutor(tmp_path / "executor", clock=SystemClock(), platform_port=1)
    lines: list[str] = []
    spec = SandboxSpec(
        name="image",
        folder=tmp_path / "sandbox",
        command=("/bin/sh", "-c", _SCRIPT),
        limits=Limits(cpus=1, memory_mib=256),
        environment={"X": "y"},
        mounts=(Mount(tmp_path / "ml", "/opt/ml", writable=True),),
        working_directory="/work",
        home="/root",
        image=ImageRoot(root, tmp_path / "place", uid=33, gid=33),
    )
    (root / "kept").chmod(0o666)
    try:
        status = await (await executor.start(spec, lambda _, line: lines.append(line))).wait()
    finally:
        await executor.close()
        await sandboxes_have_ended()
    assert status.code == 7, lines
    assert lines[:3] == ["data", "y /root", "/work"]
    assert "Uid: 33\t33\t33\t33" in lines and "nothing of the host" in lines
    assert (tmp_path / "ml/out").read_text() == "mine\n"
    assert (root / "kept").read_text() == "the image's"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [*before, "executor", "place", "sandbox"]
    )
    discard(tmp_path / "place")
    assert not (tmp_path / "place").exists()


async def test_an_image_that_nothing_is_written_over(tmp_path: Path) -> None:
    """As functions have it. Links in the place of /tmp, the model, its own folder lead nowhere; a setuid
    program is root of nothing that is the host's.
    """
    if REFUSAL is not None or root_kind() is RootKind.NONE:
        pytest.skip("the kernel lets no overlay be mounted here")
    outside, model = tmp_path / "outside", tmp_path / "model"
    outside.mkdir()
    (outside / "secret").write_text("of the host")
    model.mkdir()
    (model / "weights").write_text("w\n")
    root = make_root(tmp_path / "root", "sh")
    (root / "open").mkdir()
    (root / "open").chmod(0o777)
    (root / "opt").mkdir()
    for name, to in (("tmp", outside), ("opt/ml", outside), ("work", outside), ("seen", outside / "secret")):
        (root / name).symlink_to(to)
    (root / "bin/sh").chmod(0o4755)
    script = """
        for path in /open/a /opt/a /tmp/a /opt/ml/model/a /bin/sh /work/a; do
            (: >>$path) 2>/dev/null && echo "wrote $path"
        done
        read line </opt/ml/model/weights; echo "$line"; [ -e /seen ] || echo "leads nowhere"; pwd
    """
    executor = SandboxExecutor(tmp_path / "executor", clock=SystemClock(), platform_port=1)
    lines: list[str] = []
    spec = SandboxSpec(
        name="function",
        folder=tmp_path / "sandbox",
        command=("/bin/sh", "-p", "-c", script),
        limits=Limits(cpus=1, memory_mib=256, tmp_mib=8),
        mounts=(Mount(model, "/opt/ml/model"),),
        working_directory="/work",
        only_tmp=True,
        image=ImageRoot(root, tmp_path / "place", uid=993, gid=990),
    )
    try:
        status = await (await executor.start(spec, lambda _, line: lines.append(line))).wait()
    finally:
        await executor.close()
        await sandboxes_have_ended()
    assert (status.code, lines) == (0, ["wrote /tmp/a", "w", "leads nowhere", "/work"])
    assert [path.name for path in outside.iterdir()] == ["secret"]
    assert [path.name for path in model.iterdir()] == ["weights"]


async def test_what_cannot_be_executed_says_so(tmp_path: Path) -> None:
    if REFUSAL is not None or root_kind() is RootKind.NONE:
        pytest.skip("the kernel lets no overlay be mounted here")
    root = make_root(tmp_path / "root", "sh")
    (root / "resource.py").write_text("raise SystemExit('code of an image')")
    executor = SandboxExecutor(tmp_path / "executor", clock=SystemClock(), platform_port=1)
    codes, lines = [], list[str]()
    os.mkfifo(root / "fifo", 0o755)
    (root / "endless").symlink_to("endless")
    (root / "text").write_bytes(b"no program")
    (root / "text").chmod(0o755)
    try:
        for number, program in enumerate(("nowhere", "/bin", "/fifo", "/endless", "/text")):
            image = ImageRoot(root, tmp_path / f"place{number}")
            spec = SandboxSpec(f"i{number}", tmp_path / f"s{number}", (program,), Limits(1, 256), image=image)
            sandbox = await executor.start(spec, lambda _, line: lines.append(line))
            codes.append((await sandbox.wait()).code)
    finally:
        await executor.close()
        await sandboxes_have_ended()
    assert codes == [127, 126, 126, 126, 126] and all(
        "cannot be executed in this image" in line for line in lines
    )


@pytest.mark.parametrize(
    ("image", "target", "made"),
    [
        ({"opt/ml": "/"}, "/opt/ml", {}),
        ({"opt": "/"}, "/opt/ml", {"opt": "/", "opt/ml": "/"}),
        ({}, "/opt/ml", {"opt": "/", "opt/ml": "/"}),
        ({"opt": "-> /etc"}, "/opt/ml", {"opt": "/", "opt/ml": "/"}),
        ({"opt": "a file"}, "/opt/ml", {"opt": "/", "opt/ml": "/"}),
        ({"opt/ml": "-> ../../.."}, "/opt/ml", {"opt": "/", "opt/ml": "/"}),
        ({"etc/hosts": "a file"}, "/etc/hosts", {}),
        ({"etc/hosts": "-> /x"}, "/etc/hosts", {"etc": "/", "etc/hosts": ""}),
        ({"etc": "-> /x"}, "/etc/hosts", {"etc": "/", "etc/hosts": ""}),
        ({"etc/hosts": "/"}, "/etc/hosts", {"etc": "/", "etc/hosts": ""}),
    ],
)
def test_places_of_mounts(tmp_path: Path, image: dict[str, str], target: str, made: dict[str, str]) -> None:
    root = tmp_path / "root"
    root.mkdir()
    for name, what in image.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if what == "/":
            path.mkdir()
        elif what.startswith("-> "):
            path.symlink_to(what[3:])
        else:
            path.write_text(what)
    source = tmp_path / "source"
    source.mkdir() if target == "/opt/ml" else source.touch()
    step = Step("rw", target, str(source))
    image_footing.prepare(ImageRoot(root, tmp_path / "place"), [step], "/")
    upper = tmp_path / "place/upper"
    found = {str(p.relative_to(upper)): "/" if p.is_dir() else p.read_text() for p in upper.rglob("*")}
    assert found == made and not any(path.is_symlink() for path in upper.rglob("*"))
