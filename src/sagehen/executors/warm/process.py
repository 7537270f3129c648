"""The warm parent itself: imports a preload set once, then forks a sandboxed child per request.

Run as `python -m sagehen.executors.warm.process <control fd> <preload module>...`. Three
processes stand behind one sandbox:

    warm parent --fork--> monitor --fork--> init --fork--> the user's program
    (host)                (host; waits,     (pid 1 of the   (pid 2; uid dropped,
                          tells the exit)   new pid ns)     no capability, seccomp)

The warm parent never reads a request: it hands the file descriptors to the monitor, so no
job's credentials ever enter the memory that later children inherit.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import resource
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from sagehen.executors.isolation import kernel
from sagehen.executors.isolation import mounts as own_mounts
from sagehen.executors.isolation.layers import Users, open_layers
from sagehen.executors.isolation.steps import Step
from sagehen.executors.warm import preload, randomness
from sagehen.executors.warm.execution import execute
from sagehen.executors.warm.kinds import MAKE_DEVICE, MAKE_NETWORK, MAKE_SOCKET

_MAX_FDS = 8
_MOST_INOTIFY_INSTANCES = "32"
# Of root in a user namespace of its own, over files and processes of its users alone: what installing
# packages and being another user take (linux/capability.h). None that mounts, nets or devices ask for.
_CHOWN, _DAC_OVERRIDE, _FOWNER, _FSETID, _KILL, _SETGID, _SETUID, _SETPCAP, _NET_BIND = (
    0,
    1,
    3,
    4,
    5,
    6,
    7,
    8,
    10,
)
_ROOT_KEEPS = (_CHOWN, _DAC_OVERRIDE, _FOWNER, _FSETID, _KILL, _SETGID, _SETUID, _SETPCAP, _NET_BIND)


def main() -> dict[str, Any]:
    """Serve until the control socket closes; return only in a child that has a program to run."""
    kernel.die_with_parent(int(sys.argv[2]))  # which may be gone before the signal was asked for
    del sys.path[0]  # the working directory that `-m` put there: children start without it
    control = socket.socket(fileno=int(sys.argv[1]))
    with randomness.watched(), preload.read(sys.argv[3:]) as modules:
        for module in modules:
            importlib.import_module(module)
    gc.collect()
    gc.freeze()  # children that collect garbage would otherwise copy every page
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # monitors are reaped by the kernel
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the platform's terminal is the platform's
    control.send(b"!")
    own_pid = os.getpid()
    while True:
        kind, fds, _, _ = socket.recv_fds(control, 1, _MAX_FDS)
        if not kind:
            os._exit(0)
        if os.fork() == 0:
            control.close()
            kernel.die_with_parent(own_pid)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            return _serve(kind, fds)
        for fd in fds:
            os.close(fd)


def _serve(kind: bytes, fds: list[int]) -> dict[str, Any]:
    """Do one request in a process of its own; return only in the user's process."""
    status = socket.socket(fileno=fds[0])
    try:
        with os.fdopen(fds[1], "rb") as file:
            request = json.loads(file.read())
        if kind == MAKE_NETWORK:
            _make_network(request, status)
            os._exit(0)
        if kind == MAKE_SOCKET:
            _make_sockets(request, status, fds[2:])
            os._exit(0)
        if kind == MAKE_DEVICE:
            _make_device(request, status, fds[2:])
            os._exit(0)
        for file in request["entry_files"]:
            Path(file).write_text("0")
        # The platform may keep this process in reserve: the request comes when there is one.
        given, fds, _, _ = socket.recv_fds(status, 1, _MAX_FDS)
        if not given:
            os._exit(0)
        with os.fdopen(fds[0], "rb") as file:
            request = json.loads(file.read())
        return _monitor(request, status, fds[1:])
    except BaseException as error:
        _tell(status, error=f"{type(error).__name__}: {error}")
        os._exit(1)


def _tell(status: socket.socket, **what: object) -> None:
    status.sendall(json.dumps(what).encode() + b"\n")


def _make_network(request: dict[str, Any], status: socket.socket) -> None:
    """Make a network namespace with `lo` up, and send it and the platform's listener out."""
    fds = []
    if request["own_user_namespace"]:
        uid, gid = os.getuid(), os.getgid()
        kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNET)
        # Mapped to root, as bubblewrap refuses other users that hold capabilities.
        kernel.write_id_maps(0, 0, uid, gid)
    else:
        kernel.unshare(kernel.CLONE_NEWNET)
    kernel.bring_loopback_up()
    if request["addresses"]:
        # A machine's: its root may listen at 443, though the network is the host's and not that root's.
        with contextlib.suppress(OSError):
            Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").write_text("0")
    for number, address in enumerate(request["addresses"]):
        kernel.add_loopback_address(number, address)
    fds.append(os.open("/proc/self/ns/net", os.O_RDONLY))
    if request["own_user_namespace"]:
        fds.append(os.open("/proc/self/ns/user", os.O_RDONLY))
    listeners = []
    for address, port in request["ports"]:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(1024)
        listeners.append(listener)
        fds.append(listener.fileno())
    # No process has to stay: the descriptors that the platform holds keep the namespace alive.
    socket.send_fds(status, [b"!"], fds)


def _enter(namespaces: list[int]) -> None:
    if len(namespaces) > 1:
        kernel.setns(namespaces[1], kernel.CLONE_NEWUSER)
    kernel.setns(namespaces[0], kernel.CLONE_NEWNET)


def _make_device(request: dict[str, Any], status: socket.socket, namespaces: list[int]) -> None:
    """Make a device of packets in the given network, and send its other end out."""
    _enter(namespaces)
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)  # it belongs to the network of who opens it
    name: str = request["name"]
    kernel.make_tun(device, name)
    for number, address in enumerate(request["addresses"]):
        kernel.add_address(f"{name}:{number}" if number else name, address, request["netmask"])
    kernel.bring_up(name, request["mtu"])
    socket.send_fds(status, [b"!"], [device])


def _make_sockets(request: dict[str, Any], status: socket.socket, namespaces: list[int]) -> None:
    """Send out unconnected TCP sockets that belong to the given network for as long as they live."""
    _enter(namespaces)
    made = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(request["count"])]
    socket.send_fds(status, [b"!"], [one.fileno() for one in made])


def _monitor(request: dict[str, Any], status: socket.socket, fds: list[int]) -> dict[str, Any]:
    """Enter namespaces, start the sandbox's pid 1, wait for it and tell how it ended."""
    stdout, stderr, *namespaces = fds
    namespace_flags = (
        kernel.CLONE_NEWNS | kernel.CLONE_NEWPID | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS
        | kernel.CLONE_NEWCGROUP
    )  # fmt: skip
    if not namespaces:
        namespace_flags |= kernel.CLONE_NEWNET
    uid, gid = os.getuid(), os.getgid()
    steps, users, layers = [Step(**step) for step in request["steps"]], None, None
    if request["own_users"]:  # before the namespace of processes, whose first two are told by their numbers
        users = Users(
            kernel.make_user_namespace(request["drop_to"], request["own_users"]), request["drop_to"]
        )
        kernel.unshare(kernel.CLONE_NEWNS)
        layers = open_layers(steps, request["base"], users)
    if request["drop_to"] is None:
        if len(namespaces) > 1:  # the network's user namespace first: it gives the right to join the network
            kernel.setns(namespaces[1], kernel.CLONE_NEWUSER)
            uid, gid = 0, 0
        if namespaces:
            kernel.setns(namespaces[0], kernel.CLONE_NEWNET)
        kernel.unshare(kernel.CLONE_NEWUSER | namespace_flags)
        kernel.write_id_maps(request["inner_uid"], request["inner_uid"], uid, gid)
        _leave_some_of_ours()
    else:
        if namespaces:
            kernel.setns(namespaces[0], kernel.CLONE_NEWNET)
        kernel.unshare(namespace_flags)
    if not namespaces:
        kernel.bring_loopback_up()
    kernel.set_hostname(request["hostname"])
    # A parent in another pid namespace has the pid 0 inside.
    init = os.fork()
    if init == 0:
        kernel.die_with_parent()
        if request["program"]:
            _import_no_more()
        try:
            own_mounts.enter_root(steps, request["base"], users, layers)
            return _init(request, status, stdout, stderr, users)
        except BaseException as error:
            _tell(status, error=f"{type(error).__name__}: {error}")
            os._exit(1)
    for fd in (*fds, *([] if users is None else [users.namespace]), *(layers or {}).values()):
        os.close(fd)
    _tell(status, pid=init)
    _, how = os.waitpid(init, 0)
    _tell(status, exit=_exit_code(how))
    os._exit(0)


def _import_no_more() -> None:
    """Find no module from now on: what lies in an image in the place of ours is somebody else's."""
    sys.meta_path.clear()
    sys.path_hooks.clear()
    sys.path.clear()


def _leave_some_of_ours() -> None:
    """Bound what counts for the platform's own user as well: 128 in all, which his editor needs too."""
    with contextlib.suppress(OSError):
        Path("/proc/sys/user/max_inotify_instances").write_text(_MOST_INOTIFY_INSTANCES)


def _exit_code(how: int) -> int:
    code = os.waitstatus_to_exitcode(how)
    return 128 - code if code < 0 else code


def _init(
    request: dict[str, Any], status: socket.socket, stdout: int, stderr: int, users: Users | None
) -> dict[str, Any]:
    """Be pid 1, in its root: give up every right, start the program, reap, end with its code."""
    null = os.open("/dev/null", os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(stdout, 1)
    os.dup2(stderr, 2)
    _give_up_rights(request, users)
    # Changing uid forgets the death signal. Pid 1 stays closed to the user's processes.
    kernel.die_with_parent()
    kernel.set_dumpable(False)
    program = os.fork()
    if program == 0:
        os.closerange(3, 4096)
        os.setsid()
        kernel.set_dumpable(True)  # else /proc/self and /dev/stdout would be root's
        kernel.die_with_parent()
        return request
    _tell(status, ready=True)
    os.closerange(0, 4096)
    while True:
        pid, how = os.wait()
        if pid == program:
            os._exit(_exit_code(how))


def _give_up_rights(request: dict[str, Any], users: Users | None) -> None:
    kept = _ROOT_KEEPS if request["is_root"] else ()
    if users is not None:
        # The mounts, the network and all else were made before, and are the host's root's.
        kernel.become_root_of(users.namespace)
    kernel.drop_bounding_set(kept)
    if users is None and request["drop_to"] is not None:
        os.setgroups([])
        os.setresgid(*[request["drop_to"]] * 3)
        os.setresuid(*[request["drop_to"]] * 3)
    if users is None:
        kernel.clear_capabilities(kept)
        kernel.no_new_privileges()
    _set_rlimits(request["rlimits"])
    if request["seccomp"]:
        kernel.install_seccomp(bytes.fromhex(request["seccomp"]))
    if users is not None:  # after the filter: who has no capability must do without new ones first
        kernel.clear_capabilities(kept)
        if request["user"]:
            uid, gid, *groups = request["user"]
            os.setgroups(groups)
            os.setresgid(gid, gid, gid)
            os.setresuid(uid, uid, uid)  # from 0 to another: the kernel takes the capabilities


def _set_rlimits(rlimits: dict[str, int]) -> None:
    for name, value in rlimits.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name.upper()}"), (value, value))


if __name__ == "__main__":
    # Before `main` returns inside, where the platform's own files may not be.
    from sagehen.executors.warm.fresh_start import run_program

    _request = main()
    if _request["program"]:
        execute(
            _request["program"],
            _request["arguments"],
            _request["environment"],
            _request["working_directory"],
        )
    run_program(
        _request["arguments"],
        _request["environment"],
        _request["working_directory"],
        hides_platform=_request["hides_platform"],
    )
