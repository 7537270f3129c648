"""What training scripts and functions do all day works under the list of system calls."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .conftest import Bench

pytestmark = pytest.mark.sandbox

_SYSTEM = """
import ctypes, mmap, multiprocessing, os, select, shutil, signal, socket, sqlite3, struct, subprocess, sys
import tempfile, threading, time

def double(number):
    return 2 * number

def main():
    os.chdir(tempfile.mkdtemp())
    libc = ctypes.CDLL(None, use_errno=True)
    def done(result):
        assert result >= 0, os.strerror(ctypes.get_errno())
        return result

    for way in ("fork", "spawn", "forkserver"):
        with multiprocessing.get_context(way).Pool(2) as pool:
            assert pool.map(double, range(4)) == [0, 2, 4, 6], way
    queue = multiprocessing.Queue()
    process = multiprocessing.Process(target=queue.put, args=(b"x" * 100_000,))
    process.start(); assert len(queue.get(timeout=60)) == 100_000; process.join()
    from multiprocessing import shared_memory
    memory = shared_memory.SharedMemory(create=True, size=4096); memory.close(); memory.unlink()

    database = sqlite3.connect("a.db")
    database.execute("PRAGMA journal_mode=WAL"); database.execute("CREATE TABLE t (a)")
    database.execute("INSERT INTO t VALUES (1)"); database.commit(); database.close()

    memfd = os.memfd_create("m"); os.write(memfd, b"memory" * 1000)
    mapped = mmap.mmap(memfd, 6000); mapped.madvise(mmap.MADV_DONTNEED); mapped.close()
    with open("copy", "wb") as file:
        assert os.sendfile(file.fileno(), memfd, 0, 6000) == 6000
        file.flush(); os.fsync(file.fileno()); os.posix_fallocate(file.fileno(), 0, 10_000)
    source, target = os.open("copy", os.O_RDONLY), os.open("again", os.O_RDWR | os.O_CREAT)
    assert os.copy_file_range(source, target, 100) == 100
    reader, writer = os.pipe()
    assert done(libc.splice(source, None, writer, None, ctypes.c_size_t(100), 0)) == 100
    assert len(os.read(reader, 200)) == 100
    shutil.copyfile("copy", "third"); os.link("copy", "fourth"); os.symlink("copy", "fifth")

    watch = done(libc.inotify_init1(0)); done(libc.inotify_add_watch(watch, b".", 0x100))
    open("watched", "w").close()
    assert select.select([watch], [], [], 10)[0]
    timer = done(libc.timerfd_create(1, 0))
    done(libc.timerfd_settime(timer, 0, struct.pack("qqqq", 0, 0, 0, 1_000_000), None))
    assert select.select([timer], [], [], 10)[0]
    event = done(libc.eventfd(1, 0)); assert select.select([event], [], [], 10)[0]
    done(libc.signalfd(-1, bytes(128), 0))
    poll = select.epoll(); poll.register(event, select.EPOLLIN); assert poll.poll(10)
    opened = os.pidfd_open(os.getpid()); os.close(opened)

    os.sched_setaffinity(0, os.sched_getaffinity(0)); os.nice(1); os.getpriority(os.PRIO_PROCESS, 0)
    os.getrandom(8); time.clock_gettime(time.CLOCK_BOOTTIME); os.getloadavg()
    signal.setitimer(signal.ITIMER_REAL, 100); signal.setitimer(signal.ITIMER_REAL, 0)
    threads = [threading.Thread(target=double, args=(1,)) for _ in range(8)]
    [thread.start() for thread in threads]; [thread.join() for thread in threads]
    one, other = socket.socketpair(); one.send(b"x"); assert other.recv(1) == b"x"
    socket.send_fds(one, [b"x"], [event]); assert len(socket.recv_fds(other, 1, 1)[1]) == 1
    listener = socket.create_server(("127.0.0.1", 0)); socket.create_connection(listener.getsockname())
    socket.getaddrinfo("localhost", 80); socket.if_nameindex()
    master, slave = os.openpty(); assert os.isatty(slave)
    assert subprocess.run("echo $((6*7)) | cat", shell=True, capture_output=True, text=True).stdout == "42\\n"
    subprocess.run(["true"], preexec_fn=os.setsid, check=True)
    import asyncio
    async def run():
        ran = await asyncio.create_subprocess_exec("true"); assert await ran.wait() == 0
    asyncio.run(run())
    print("all of it")

if __name__ == "__main__":
    main()
"""


async def test_the_system(bench: Bench) -> None:
    status, lines = await bench.run(_SYSTEM)
    assert (status.code, lines) == (0, ["stdout: all of it"])


_PROGRAMS = """
import pathlib, subprocess, sys, zipfile
def run(*command):
    subprocess.run(command, check=True, cwd="/tmp", stdin=-3, timeout=50)
name = "small-1.0.dist-info"
with zipfile.ZipFile("/tmp/small-1.0-py3-none-any.whl", "w") as wheel:
    wheel.writestr("small.py", "value = 42")
    wheel.writestr(f"{name}/METADATA", "Metadata-Version: 2.1\\nName: small\\nVersion: 1.0\\n")
    kind = "Root-Is-Purelib: true\\nTag: py3-none-any\\n"
    wheel.writestr(f"{name}/WHEEL", f"Wheel-Version: 1.0\\nGenerator: x\\n{kind}")
    wheel.writestr(f"{name}/RECORD", "")
run(sys.executable, "-m", "pip", "install", "--no-index", "--target", "/tmp/site", wheel.filename)
sys.path.insert(0, "/tmp/site")
import small
assert small.value == 42
if "git" in sys.argv:
    run("git", "init", "-q", "repo")
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    run("git", "-C", "repo", *who, "commit", "-q", "--allow-empty", "-m", "x")
    run("git", "clone", "-q", "repo", "copy")
    run("git", "-C", "copy", "gc", "-q")
if "node" in sys.argv:
    run("node", "-e", '''
const fs = require("fs"), {Worker} = require("worker_threads"), {execFileSync} = require("child_process");
fs.writeFileSync("/tmp/x", "y"); execFileSync("true"); require("zlib").gzipSync("x");
require("crypto").randomBytes(8);
require("net").createServer().listen(0, "127.0.0.1", function () { this.close(); });
new Worker("require('worker_threads').parentPort.postMessage(1)", {eval: true})
  .on("message", () => process.exit(0));
setTimeout(() => process.exit(1), 30000);''')
print("all of it")
"""


async def test_programs(bench: Bench) -> None:
    if bench.warm_parent:
        pytest.skip("once is enough: the list is the same")
    present = [name for name in ("git", "node") if Path("/usr/bin", name).exists() and shutil.which(name)]
    status, lines = await bench.run(_PROGRAMS, *present)
    assert (status.code, lines[-1:]) == (0, ["stdout: all of it"]), lines
