"""The pure parts: lines, the view, the arguments, the filter; and limits on a pretended cgroup tree."""

from __future__ import annotations

import errno
import os
import struct
from pathlib import Path

import pytest

import sagehen
from sagehen.executors.base import Limits, Mount, Network, SandboxSpec, SandboxUnavailable
from sagehen.executors.folders.ownership import FIRST_UID, HostUids, give_tree, require_readable
from sagehen.executors.hardware.gpus import Gpus
from sagehen.executors.isolation import bubblewrap
from sagehen.executors.isolation.seccomp import system_call_filter
from sagehen.executors.isolation.view import PythonEnvironment, Step, etc_files, view
from sagehen.executors.limits.backends import CgroupV2Backend, best_backend, remove_cgroup, remove_groups
from sagehen.executors.probe import probe
from sagehen.executors.processes.output import MAX_LINE_BYTES, LineSplitter
from sagehen.executors.warm.fresh_start import can_run, thread_count


def _lines(*chunks: bytes) -> list[str]:
    lines: list[str] = []
    splitter = LineSplitter(lines.append)
    for chunk in chunks:
        splitter.feed(chunk)
    splitter.close()
    return lines


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ([b"a\nb\n"], ["a", "b"]),
        ([b"a", b"b\n\nc"], ["ab", "", "c"]),
        ([b"a\r\nb\r\n"], ["a", "b"]),
        ([b" 10%\r 50%\r", b"100%\ndone\n"], ["100%", "done"]),
        ([b" 10%\r 50%\r"], [" 50%"]),
        ([b"caf\xc3", b"\xa9 \xff\n"], ["café \ufffd"]),
    ],
)
def test_lines(chunks: list[bytes], expected: list[str]) -> None:
    assert _lines(*chunks) == expected


def test_very_long_lines_are_cut_and_memory_stays_bounded() -> None:
    lines = _lines(*[b"x" * 100_000] * 10, b"\nend\n")
    assert "".join(lines[:-1]) == "x" * 1_000_000
    assert {len(line) for line in lines[:-2]} == {MAX_LINE_BYTES}
    assert lines[-1] == "end"


def test_an_endless_progress_bar_keeps_its_last_state() -> None:
    assert _lines(*[b"step %d\r" % i for i in range(100_000)], b"\n") == ["step 99999"]


def _spec(**more: object) -> SandboxSpec:
    return SandboxSpec("job-1", Path("/x"), ("true",), Limits(1, 100), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("target", ["relative", "/../../etc", "/opt/ml/../../../x"])
def test_a_target_that_would_leave_the_root_is_refused(tmp_path: Path, target: str) -> None:
    spec = _spec(mounts=(Mount(Path("/d"), target, writable=True),))
    with pytest.raises(ValueError, match="target"):
        view(spec, [], PythonEnvironment("/venv/bin/python", ()), tmp_path)


def test_outer_mounts_come_before_inner_ones_and_parents_are_made(tmp_path: Path) -> None:
    spec = _spec(
        mounts=(Mount(Path("/d"), "/opt/ml/input/data"), Mount(Path("/ml"), "/opt/ml", writable=True))
    )
    steps = view(spec, [], PythonEnvironment("/venv/bin/python", (Path("/venv"),)), tmp_path)
    assert steps[-5:] == [
        Step("ro", "/venv", "/venv"),
        Step("folder", "/opt"),
        Step("rw", "/opt/ml", "/ml"),
        Step("folder", "/opt/ml/input"),
        Step("ro", "/opt/ml/input/data", "/d"),
    ]


def test_folders_below_a_mount_are_the_mounts_own(tmp_path: Path) -> None:
    """pip's certificates lie below /etc/ssl, which is shown read-only: nothing there can be changed."""
    bundle = "/etc/ssl/certs/bundle.crt"
    steps = view(
        _spec(mounts=(Mount(Path(bundle), bundle),)),
        [Step("ro", "/etc/ssl", "/etc/ssl")],
        PythonEnvironment("/somewhere/bin/python", (Path("/home/a/venv"),)),
        tmp_path,
    )
    assert Step("folder", "/etc/ssl/certs") in steps
    assert Step("passage", "/home/a") in steps


def test_hosts_hold_every_member() -> None:
    network = Network("n", {"algo-1": "127.0.0.1", "algo-2": "127.0.0.2"})
    files = etc_files(_spec(network=network, hostname="algo-2"), 60600, 60600)
    assert files["hosts"] == "127.0.0.1\tlocalhost\n127.0.0.1\talgo-1\n127.0.0.2\talgo-2\n"
    assert "job:x:60600:60600" in files["passwd"]


@pytest.mark.parametrize("drop_to", [None, 60600])
def test_arguments(drop_to: int | None) -> None:
    isolation = bubblewrap.Isolation("algo-1", True, drop_to, 5, None)
    steps = [Step("ro", "/usr", "/usr"), Step("tmpfs", "/tmp", size=4096), Step("folder", "/opt")]
    words = bubblewrap.option_list(isolation, steps, "/tmp", {"A": "b"})
    text = " ".join(words)
    assert ("--unshare-user --disable-userns" in text) == (drop_to is None)
    assert "--perms 1777 --size 4096 --tmpfs /tmp" in text
    assert "--clearenv" in words and "--die-with-parent" in words and "--unshare-net" in words
    assert text.endswith("--setenv A b --remount-ro / --chdir /tmp")


def _run_filter(program: bytes, architecture: int, number: int, *arguments: int) -> int:
    """Interpret the few BPF instructions that the filter uses."""
    data = struct.pack("=iIQ6Q", number, architecture, 0, *(*arguments, *[0] * 6)[:6])
    accumulator, at = 0, 0
    while True:
        code, if_true, if_false, operand = struct.unpack_from("=HBBI", program, at * 8)
        at += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("=I", data, operand)
        elif code == 0x06:
            return operand
        else:
            holds = {
                0x15: accumulator == operand,
                0x25: accumulator > operand,
                0x35: accumulator >= operand,
                0x45: bool(accumulator & operand),
            }[code]
            at += if_true if holds else if_false


_X86 = 0xC000003E
_ALLOWED = 0x7FFF0000
_EPERM, _ENOSYS = 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS
_REFUSED_FAMILY, _REFUSED_PROTOCOL = 0x50000 | errno.EAFNOSUPPORT, 0x50000 | errno.EPROTONOSUPPORT


@pytest.mark.parametrize(
    ("call", "verdict"),
    [
        ((0,), _ALLOWED),  # read
        ((334,), _ALLOWED),  # rseq
        ((424,), _ALLOWED),  # pidfd_send_signal
        ((462,), _ALLOWED),  # mseal
        ((165,), _EPERM),  # mount
        ((101,), _EPERM),  # ptrace
        ((310,), _EPERM),  # process_vm_readv
        ((425,), _EPERM),  # io_uring_setup
        ((335,), _ENOSYS),  # never assigned
        ((423,), _ENOSYS),
        ((463,), _ENOSYS),  # of a kernel to come
        ((435,), _ENOSYS),  # clone3
        ((56, 0x01200011), _ALLOWED),  # fork as glibc does it
        ((56, 0x10000011), _EPERM),  # with CLONE_NEWUSER
        ((0x40000000 + 165,), _EPERM),  # x32's mount
        ((41, 1, 1, 0), _ALLOWED),  # socket: AF_UNIX
        ((41, 2, 1, 6), _ALLOWED),  # TCP
        ((41, 10, 2, 17), _ALLOWED),  # UDP over IPv6
        ((41, 2, 1, 132), _REFUSED_PROTOCOL),  # SCTP, a module
        ((41, 16, 3, 0), _ALLOWED),  # NETLINK_ROUTE
        ((41, 16, 3, 12), _REFUSED_PROTOCOL),  # NETLINK_NETFILTER
        ((41, 40, 1, 0), _REFUSED_FAMILY),  # AF_VSOCK
        ((41, 1 << 32 | 40, 1, 0), _REFUSED_FAMILY),  # the kernel looks at the low half alone
        ((41, 38, 5, 0), _REFUSED_FAMILY),  # AF_ALG
        ((41, 17, 3, 0), _REFUSED_FAMILY),  # AF_PACKET
        ((53, 1, 1, 0), _ALLOWED),  # socketpair
        ((53, 40, 1, 0), _REFUSED_FAMILY),
        ((16, 0, 0x5413), _ALLOWED),  # ioctl: TIOCGWINSZ
        ((16, 0, 0x5412), _EPERM),  # TIOCSTI
        ((16, 0, 1 << 32 | 0x5412), _EPERM),
        ((16, 0, 0x541C), _EPERM),  # TIOCLINUX
        ((135, 0xFFFFFFFF), _ALLOWED),  # personality: what is it?
        ((135, 0x0040000), _EPERM),  # ADDR_NO_RANDOMIZE
    ],
)
def test_the_filter(call: tuple[int, ...], verdict: int) -> None:
    program = system_call_filter("x86_64")
    assert program is not None
    assert _run_filter(program, _X86, *call) == verdict


@pytest.mark.parametrize(
    ("call", "verdict"),
    [
        ((63,), _ALLOWED),  # read
        ((40,), _EPERM),  # mount
        ((250,), _ENOSYS),  # a hole of that table
        ((198, 2, 1, 0), _ALLOWED),  # socket
        ((198, 40, 1, 0), _REFUSED_FAMILY),
        ((29, 0, 0x5412), _EPERM),  # ioctl
        ((220, 0x10000011), _EPERM),  # clone
    ],
)
def test_the_filter_of_arm(call: tuple[int, ...], verdict: int) -> None:
    program = system_call_filter("aarch64")
    assert program is not None
    assert _run_filter(program, 0xC00000B7, *call) == verdict


def test_the_filter_kills_other_architectures_and_is_absent_where_unknown() -> None:
    program = system_call_filter("x86_64")
    assert program is not None
    assert _run_filter(program, 0x40000003, 0) == 0x80000000
    assert system_call_filter("riscv64") is None


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("-m", "tool"), True),
        (("train.py", "--lr", "1"), True),
        (("-c", "print(1)"), False),
        (("-u", "train.py"), False),
        (("-m",), False),
        ((), False),
    ],
)
def test_what_can_be_run_after_a_fork(words: tuple[str, ...], expected: bool) -> None:
    assert can_run(words) is expected


def test_cgroup_v2_on_a_pretended_tree(tmp_path: Path) -> None:
    assert CgroupV2Backend.probe("sagehen-x", tmp_path) is None  # no controllers: not a cgroup
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "cgroup.controllers").write_text("cpu memory pids io")
    backend = CgroupV2Backend.probe("sagehen-x", tmp_path)
    assert backend is not None
    group = backend.create("job/1")
    group.apply(Limits(1.5, 256, processes=10))
    folder = tmp_path / "sagehen-x" / "job%2F1"
    assert (folder / "memory.max").read_text() == str(256 << 20)
    assert (folder / "cpu.max").read_text() == "150000 100000"
    assert (folder / "pids.max").read_text() == "10"
    assert group.entry_files == (folder / "cgroup.procs",)
    (folder / "memory.events").write_text("low 0\noom 1\noom_kill 0\n")
    assert not group.is_over_memory(1)
    (folder / "memory.events").write_text("low 0\noom 1\noom_kill 1\n")
    assert group.is_over_memory(1)
    (folder / "memory.current").write_text("5000")
    (folder / "memory.stat").write_text("anon 3000\ninactive_file 1000\n")
    (folder / "cpu.stat").write_text("usage_usec 2500000\n")
    used = group.usage(1)
    assert (used.cpu_s, used.memory_bytes) == (2.5, 4000)


@pytest.mark.parametrize(
    ("text", "count"),
    [("4", 4), ("", None), ("0", None), ("-1", None), ("4,2", None), ("\u00b2", None), ("9" * 5000, None)],
)
def test_threads_as_openmp_reads_them(text: str, count: int | None) -> None:
    assert thread_count(text) == count


def test_removing_a_cgroup_never_signals_our_own_process_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 0 is a process of an outer pid namespace; as a pid it is our own group.
    (tmp_path / "cgroup.procs").write_text(f"0\n{os.getpid()}\n4194305\n")
    signalled: list[int] = []
    monkeypatch.setattr("os.kill", lambda pid, number: signalled.append(pid))
    remove_cgroup(tmp_path, patience_s=0)
    assert set(signalled) == {4194305}


def test_gpus_are_lent_whole(tmp_path: Path) -> None:
    for name in ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm"):
        (tmp_path / name).touch()
    gpus = Gpus(tmp_path)
    first = gpus.lend(1)
    assert gpus.devices(first) == [str(tmp_path / name) for name in ("nvidiactl", "nvidia-uvm", "nvidia0")]
    with pytest.raises(SandboxUnavailable, match="2 GPUs were asked for"):
        gpus.lend(2)
    gpus.give_back(first)
    assert gpus.lend(2) == [0, 1]
    assert gpus.devices([]) == []


def test_uids_are_not_lent_twice() -> None:
    uids = HostUids()
    assert uids.lend() == FIRST_UID
    second = uids.lend()
    uids.give_back(FIRST_UID)
    assert uids.lend() not in (FIRST_UID, second)  # recently used ones rest


def test_objects_of_the_store_keep_their_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed: list[str] = []
    monkeypatch.setattr("os.chown", lambda path, *_, **__: changed.append(Path(path).name))
    job = tmp_path / "job"
    (job / "in").mkdir(parents=True)
    (tmp_path / "object").write_text("x")
    (job / "in/linked").hardlink_to(tmp_path / "object")
    (job / "own").write_text("x")
    (job / "away").symlink_to("/etc")
    give_tree(job, 1, 1)
    assert sorted(changed) == ["away", "in", "job", "own"]


def test_closed_folders_are_refused_with_a_reason(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    require_readable([tmp_path])
    tmp_path.chmod(0o700)
    with pytest.raises(SandboxUnavailable, match="may not read"):
        require_readable([tmp_path])


def test_the_probe_finds_this_machine() -> None:
    report = probe()
    assert report.cpus >= 1 and report.memory_mib > 100
    assert report.sandboxes or report.lacks[0].cure
    backend = best_backend("sagehen-test")
    assert report.limits == backend.name
    remove_groups(backend)


def test_a_file_below_what_is_bound_already_needs_no_folders_changed() -> None:
    """A certificate bundle at its own place: /etc/ssl is shown read-only, and cannot be hidden."""
    from sagehen.executors.isolation.view import Step, _parents

    bind = Step("ro", "/etc/ssl/certs/own.crt", "/etc/ssl/certs/own.crt")
    assert _parents(bind, [Step("ro", "/etc/ssl", "/etc/ssl")]) == [Step("folder", "/etc/ssl/certs")]
    assert [step.kind for step in _parents(bind, [])] == ["passage"] * 3


def test_the_folder_that_we_are_imported_from_can_be_listed() -> None:
    """In a clone it is `src`, and stands in sys.path: pip lists it, and ends where it may not."""
    from sagehen.executors.isolation.view import Step, _parents

    package = str(Path(sagehen.__file__).parent)
    kinds = {step.target: step.kind for step in _parents(Step("ro", package, package), [])}
    assert kinds.pop(str(Path(package).parent)) == "folder"
    above = {str(folder) for folder in Path(package).parents[1:]} - {"/"}
    assert {target: kind for target, kind in kinds.items() if target in above} == dict.fromkeys(
        above, "passage"
    )
