"""An SFTP server of version 3 on standard input and output, for machines without OpenSSH's.

It runs inside the machine as the user who has logged in: what it may read and write is what that user may.
It imports nothing but the standard library, as it is given to `python3 -I -c`.

Source: https://www.sftp.net/spec/draft-ietf-secsh-filexfer-02.txt, and OpenSSH's PROTOCOL for its extensions
and for the order of SYMLINK's arguments.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import struct
import sys
import time
from collections.abc import Callable
from typing import BinaryIO

_MOST_PACKET = 256 * 1024 + 1024
_MOST_READ = 256 * 1024
_MOST_HANDLES = 256
_NAMES_AT_ONCE = 100
_OK, _EOF, _NO_FILE, _DENIED, _FAILURE, _BAD, _UNSUPPORTED = 0, 1, 2, 3, 4, 5, 8
_READ, _WRITE, _APPEND, _CREATE, _TRUNCATE, _EXCLUSIVE = 1, 2, 4, 8, 16, 32
_SIZE, _OWNER, _MODE, _TIMES, _EXTENDED = 1, 2, 4, 8, 0x80000000


class BadPacket(Exception):
    """The client does not speak SFTP."""


class Packet:
    """What a packet holds, read in order."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def number(self) -> int:
        return int(self._unpack(">I"))

    def long(self) -> int:
        return int(self._unpack(">Q"))

    def text(self) -> bytes:
        size = self.number()
        piece = self._content[self._at : self._at + size]
        if len(piece) != size:
            raise BadPacket
        self._at += size
        return piece

    def path(self) -> bytes:
        return self.text() or b"."

    def attributes(self) -> dict[str, int]:
        flags, found = self.number(), {}
        if flags & _SIZE:
            found["size"] = self.long()
        if flags & _OWNER:
            found["uid"], found["gid"] = self.number(), self.number()
        if flags & _MODE:
            found["mode"] = self.number() & 0o7777
        if flags & _TIMES:
            found["atime"], found["mtime"] = self.number(), self.number()
        if flags & _EXTENDED:
            for _ in range(min(self.number(), 64)):
                self.text(), self.text()
        return found

    def _unpack(self, form: str) -> int:
        try:
            (value,) = struct.unpack_from(form, self._content, self._at)
        except struct.error:
            raise BadPacket from None
        self._at += struct.calcsize(form)
        return int(value)


def text(value: bytes) -> bytes:
    """Write a string."""
    return struct.pack(">I", len(value)) + value


def attributes(found: os.stat_result) -> bytes:
    """Write what a file is."""
    return struct.pack(
        ">IQIIIII",
        _SIZE | _OWNER | _MODE | _TIMES,
        found.st_size,
        *(found.st_uid, found.st_gid, found.st_mode),
        *(int(found.st_atime) & 0xFFFFFFFF, int(found.st_mtime) & 0xFFFFFFFF),
    )


def long_name(name: bytes, found: os.stat_result) -> bytes:
    """Write a file as `ls -l` does."""
    when = time.strftime("%b %d %Y", time.localtime(found.st_mtime))
    owner = f"{found.st_nlink} {found.st_uid} {found.st_gid}"
    line = f"{stat.filemode(found.st_mode)} {owner} {found.st_size} {when} "
    return line.encode() + name


class Server:
    """Serves one client."""

    def __init__(self, source: BinaryIO, sink: BinaryIO) -> None:
        self._source = source
        self._sink = sink
        self._files: dict[bytes, int] = {}
        self._folders: dict[bytes, tuple[bytes, list[bytes]]] = {}
        self._next = 0
        self._calls: dict[int, Callable[[Packet], tuple[int, bytes]]] = {
            **{3: self._open, 4: self._close, 5: self._read, 6: self._write, 7: self._lstat, 8: self._fstat},
            **{9: self._setstat, 10: self._fsetstat, 11: self._opendir, 12: self._readdir, 13: self._remove},
            **{14: self._mkdir, 15: self._rmdir, 16: self._realpath, 17: self._stat, 18: self._rename},
            **{19: self._readlink, 20: self._symlink, 200: self._extended},
        }

    def serve(self) -> None:
        """Answer until the client leaves."""
        while (packet := self._packet()) is not None:
            kind, content = packet[0], Packet(packet[1:])
            if kind == 1:
                offered = (
                    text(b"posix-rename@openssh.com") + text(b"1") + text(b"fsync@openssh.com") + text(b"1")
                )
                self._send(2, struct.pack(">I", 3) + offered)
                continue
            number = content.number()
            answer, body = self._answer(kind, content)
            self._send(answer, struct.pack(">I", number) + body)

    def _answer(self, kind: int, content: Packet) -> tuple[int, bytes]:
        call = self._calls.get(kind)
        if call is None:
            return self._status(_UNSUPPORTED, "not supported")
        try:
            return call(content)
        except EOFError:
            return self._status(_EOF, "end of file")
        except BadPacket:
            return self._status(_BAD, "bad message")
        except OSError as error:
            code = {errno.ENOENT: _NO_FILE, errno.EACCES: _DENIED, errno.EPERM: _DENIED}
            return self._status(code.get(error.errno or 0, _FAILURE), error.strerror or "failure")
        except (ValueError, OverflowError) as error:
            return self._status(_FAILURE, str(error))

    def _packet(self) -> bytes | None:
        head = self._source.read(4)
        if len(head) < 4:
            return None
        (size,) = struct.unpack(">I", head)
        if not 0 < size <= _MOST_PACKET:
            return None
        content = self._source.read(size)
        return content if len(content) == size else None

    def _send(self, kind: int, body: bytes) -> None:
        self._sink.write(struct.pack(">IB", len(body) + 1, kind) + body)
        self._sink.flush()

    def _status(self, code: int, said: str = "") -> tuple[int, bytes]:
        return 101, struct.pack(">I", code) + text(said.encode()) + text(b"en")

    def _handle(self) -> bytes:
        if len(self._files) + len(self._folders) >= _MOST_HANDLES:
            raise OSError(errno.EMFILE, "too many open files")
        self._next += 1
        return str(self._next).encode()

    def _file(self, packet: Packet) -> int:
        try:
            return self._files[packet.text()]
        except KeyError:
            raise OSError(errno.EBADF, "no such handle") from None

    def _open(self, packet: Packet) -> tuple[int, bytes]:
        path, flags, wanted = packet.path(), packet.number(), packet.attributes()
        mode = (
            os.O_RDWR if flags & _READ and flags & _WRITE else os.O_WRONLY if flags & _WRITE else os.O_RDONLY
        )
        for flag, meant in (
            (_APPEND, os.O_APPEND),
            (_CREATE, os.O_CREAT),
            (_TRUNCATE, os.O_TRUNC),
            (_EXCLUSIVE, os.O_EXCL),
        ):
            mode |= meant if flags & flag else 0
        handle = self._handle()
        self._files[handle] = os.open(path, mode | os.O_CLOEXEC, wanted.get("mode", 0o666))
        return 102, text(handle)

    def _close(self, packet: Packet) -> tuple[int, bytes]:
        handle = packet.text()
        if self._folders.pop(handle, None) is None:
            descriptor = self._files.pop(handle, None)
            if descriptor is None:
                raise OSError(errno.EBADF, "no such handle")
            os.close(descriptor)
        return self._status(_OK)

    def _read(self, packet: Packet) -> tuple[int, bytes]:
        descriptor, offset, size = self._file(packet), packet.long(), packet.number()
        content = os.pread(descriptor, min(size, _MOST_READ), offset)
        if not content and size:
            raise EOFError
        return 103, text(content)

    def _write(self, packet: Packet) -> tuple[int, bytes]:
        descriptor, offset, content = self._file(packet), packet.long(), packet.text()
        view = memoryview(content)
        while view:
            done = os.pwrite(descriptor, view, offset)
            view, offset = view[done:], offset + done
        return self._status(_OK)

    def _lstat(self, packet: Packet) -> tuple[int, bytes]:
        return 105, attributes(os.lstat(packet.path()))

    def _stat(self, packet: Packet) -> tuple[int, bytes]:
        return 105, attributes(os.stat(packet.path()))  # noqa: PTH116

    def _fstat(self, packet: Packet) -> tuple[int, bytes]:
        return 105, attributes(os.fstat(self._file(packet)))

    def _setstat(self, packet: Packet) -> tuple[int, bytes]:
        return self._change(packet.path(), packet.attributes())

    def _fsetstat(self, packet: Packet) -> tuple[int, bytes]:
        return self._change(self._file(packet), packet.attributes())

    def _change(self, what: bytes | int, wanted: dict[str, int]) -> tuple[int, bytes]:
        if "size" in wanted:
            os.truncate(what, wanted["size"])
        if "mode" in wanted:
            os.chmod(what, wanted["mode"])  # noqa: PTH101
        if "uid" in wanted:
            os.chown(what, wanted["uid"], wanted["gid"])
        if "mtime" in wanted:
            os.utime(what, (wanted["atime"], wanted["mtime"]))
        return self._status(_OK)

    def _opendir(self, packet: Packet) -> tuple[int, bytes]:
        path, handle = packet.path(), self._handle()
        self._folders[handle] = path, [b".", b"..", *sorted(os.listdir(path))]  # noqa: PTH208
        return 102, text(handle)

    def _readdir(self, packet: Packet) -> tuple[int, bytes]:
        found = self._folders.get(packet.text())
        if found is None:
            raise OSError(errno.EBADF, "no such handle")
        path, names = found
        told: list[bytes] = []
        while names and len(told) < _NAMES_AT_ONCE:
            name = names.pop(0)
            with contextlib.suppress(OSError):  # gone meanwhile
                known = os.lstat(os.path.join(path, name))  # noqa: PTH118
                told.append(text(name) + text(long_name(name, known)) + attributes(known))
        if not told:
            raise EOFError
        return 104, struct.pack(">I", len(told)) + b"".join(told)

    def _remove(self, packet: Packet) -> tuple[int, bytes]:
        os.unlink(packet.path())  # noqa: PTH108
        return self._status(_OK)

    def _mkdir(self, packet: Packet) -> tuple[int, bytes]:
        path, wanted = packet.path(), packet.attributes()
        os.mkdir(path, wanted.get("mode", 0o777))  # noqa: PTH102
        return self._status(_OK)

    def _rmdir(self, packet: Packet) -> tuple[int, bytes]:
        os.rmdir(packet.path())  # noqa: PTH106
        return self._status(_OK)

    def _realpath(self, packet: Packet) -> tuple[int, bytes]:
        path = os.path.realpath(packet.path())
        return 104, struct.pack(">I", 1) + text(path) + text(path) + struct.pack(">I", 0)

    def _rename(self, packet: Packet) -> tuple[int, bytes]:
        old, new = packet.path(), packet.path()
        if os.path.lexists(new):
            raise OSError(errno.EEXIST, "there is such a file")
        os.rename(old, new)  # noqa: PTH104
        return self._status(_OK)

    def _readlink(self, packet: Packet) -> tuple[int, bytes]:
        target = os.readlink(packet.path())  # noqa: PTH115
        return 104, struct.pack(">I", 1) + text(target) + text(target) + struct.pack(">I", 0)

    def _symlink(self, packet: Packet) -> tuple[int, bytes]:
        target, link = packet.text(), packet.path()
        os.symlink(target, link)  # noqa: PTH211
        return self._status(_OK)

    def _extended(self, packet: Packet) -> tuple[int, bytes]:
        name = packet.text()
        if name == b"posix-rename@openssh.com":
            old, new = packet.path(), packet.path()
            os.replace(old, new)  # noqa: PTH105
        elif name == b"fsync@openssh.com":
            os.fsync(self._file(packet))
        else:
            return self._status(_UNSUPPORTED, "not supported")
        return self._status(_OK)


if __name__ == "__main__":
    Server(sys.stdin.buffer, sys.stdout.buffer).serve()
