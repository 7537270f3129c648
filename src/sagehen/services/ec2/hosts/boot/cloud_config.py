"""A #cloud-config, read: what it asks for that a machine without an init system can do, and what it cannot.

Keys and forms: cloud-init's documentation, "Module reference". What is unknown or of another form is told,
not dropped, as cloud-init's schema warnings tell it.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sagehen.services.ec2.hosts.boot.user_data import MOST_BYTES

_MOST_ENTRIES = 1000
_NAME = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_MODE = re.compile(r"(0o?)?[0-7]{3,4}")
# Done here; what the host does with each is `stages.py`'s.
_DONE = {
    "bootcmd", "runcmd", "write_files", "packages", "package_update", "package_upgrade", "users", "groups",
    "ssh_authorized_keys", "hostname", "fqdn", "preserve_hostname", "final_message", "power_state", "output",
    "manage_etc_hosts", "disable_root", "ssh_pwauth",
}  # fmt: skip

# A command of bootcmd and runcmd: words, or a line for a shell.
Command = tuple[str, ...] | str


@dataclass(frozen=True, slots=True)
class File:
    """An entry of write_files. `owner` is `user:group` as given; `''` is root's."""

    path: str
    content: bytes
    mode: int = 0o644
    owner: str = ""
    append: bool = False
    deferred: bool = False


@dataclass(frozen=True, slots=True)
class User:
    """An entry of users; `default` is not one, it is there anyway."""

    name: str
    authorized_keys: tuple[str, ...] = ()
    shell: str = ""
    sudo: bool = False


@dataclass(frozen=True, slots=True)
class PowerState:
    """What is done once all else was: `poweroff`, `halt` or `reboot`."""

    mode: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class CloudConfig:
    """What one or several configurations ask for.

    Args:
        boot_commands: At every boot, before all else.
        commands: Once, after all else but scripts of their own parts.
        files: In their order.
        packages: Names as given.
        users: Besides the default one.
        authorized_keys: Of the default user, besides its key pair's.
        host_name: '' keeps the machine's own.
        final_message: '' is cloud-init's own.
        power_state: None leaves it running.
        warnings: What could not be understood or has no effect here; sentences.
    """

    boot_commands: tuple[Command, ...] = ()
    commands: tuple[Command, ...] = ()
    files: tuple[File, ...] = ()
    packages: tuple[str, ...] = ()
    users: tuple[User, ...] = ()
    authorized_keys: tuple[str, ...] = ()
    host_name: str = ""
    final_message: str = ""
    power_state: PowerState | None = None
    warnings: tuple[str, ...] = field(default=())


def read(document: Any) -> CloudConfig:
    """Return what a document, as YAML gave it, asks for. Never raises: what is wrong is a warning."""
    if document is None:
        return CloudConfig()
    if not isinstance(document, Mapping):
        return CloudConfig(warnings=(f"the configuration is a {type(document).__name__}, no mapping",))
    return _Reading(document).config()


class _Reading:
    """Reads one document, and collects what is wrong with it."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._warnings = [f"{key}: has no effect on this machine" for key in document if key not in _DONE]

    def config(self) -> CloudConfig:
        """Return all of it."""
        host_name = self._text("fqdn") or self._text("hostname")
        if host_name and not _HOST_NAME.fullmatch(host_name):
            self._warn("hostname", f"{host_name[:80]!r} is no host name")
            host_name = ""
        return CloudConfig(
            boot_commands=self._commands("bootcmd"),
            commands=self._commands("runcmd"),
            files=tuple(file for each in self._list("write_files") if (file := self._file(each))),
            packages=tuple(name for each in self._list("packages") if (name := self._package(each))),
            users=tuple(user for each in self._list("users") if (user := self._user(each))),
            authorized_keys=self._keys(self._document.get("ssh_authorized_keys"), "ssh_authorized_keys"),
            host_name=host_name,
            final_message=self._text("final_message"),
            power_state=self._power_state(),
            warnings=tuple(self._warnings),
        )

    def _warn(self, key: str, what: str) -> None:
        self._warnings.append(f"{key}: {what}")

    def _text(self, key: str) -> str:
        value = self._document.get(key, "")
        if not isinstance(value, str):
            self._warn(key, "is no text")
            return ""
        return value

    def _list(self, key: str) -> Sequence[Any]:
        value = self._document.get(key)
        if value is None:
            return ()
        if not isinstance(value, list):
            self._warn(key, "is no list")
            return ()
        if len(value) > _MOST_ENTRIES:
            self._warn(key, f"has more than {_MOST_ENTRIES} entries; those behind are left out")
        return value[:_MOST_ENTRIES]

    def _commands(self, key: str) -> tuple[Command, ...]:
        found: list[Command] = []
        for each in self._list(key):
            if isinstance(each, str):
                found.append(each)
            elif (
                isinstance(each, list) and all(isinstance(word, str | int | float) for word in each) and each
            ):
                found.append(tuple(_word(word) for word in each))
            elif each is not None:
                self._warn(key, f"{str(each)[:80]!r} is neither a line nor a list of words")
        return tuple(found)

    def _file(self, entry: Any) -> File | None:
        path = entry.get("path") if isinstance(entry, Mapping) else None
        if not isinstance(path, str) or not path.startswith("/") or "\0" in path:
            self._warn("write_files", f"{str(path)[:80]!r} is no absolute path")
            return None
        mode = _mode(entry.get("permissions", "0644"))
        if mode is None:
            self._warn("write_files", f"{path}: permissions are no octal number; 0644 taken")
            mode = 0o644
        try:
            content = _decoded(entry.get("content", ""), str(entry.get("encoding", "")))
        except ValueError as error:
            self._warn("write_files", f"{path}: {error}")
            return None
        return File(
            path=path,
            content=content,
            mode=mode,
            owner=str(entry.get("owner", "")),
            append=bool(entry.get("append", False)),
            deferred=bool(entry.get("defer", False)),
        )

    def _package(self, entry: Any) -> str:
        # [name, version], as apt and yum have it.
        name = entry[0] if isinstance(entry, list) and entry else entry
        if not isinstance(name, str) or not name or name.startswith("-"):
            self._warn("packages", f"{str(entry)[:80]!r} is no package")
            return ""
        return name

    def _user(self, entry: Any) -> User | None:
        if entry == "default":
            return None
        if isinstance(entry, str):
            entry = {"name": entry}
        name = entry.get("name") if isinstance(entry, Mapping) else None
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            self._warn("users", f"{str(name)[:80]!r} is no name of a user")
            return None
        keys = entry.get("ssh_authorized_keys", entry.get("ssh-authorized-keys"))
        shell = entry.get("shell", "")
        return User(
            name=name,
            authorized_keys=self._keys(keys, f"users: {name}"),
            shell=shell if isinstance(shell, str) and shell.startswith("/") else "",
            sudo=bool(entry.get("sudo")),
        )

    def _keys(self, value: Any, key: str) -> tuple[str, ...]:
        given = [value] if isinstance(value, str) else value or []
        if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
            self._warn(key, "ssh_authorized_keys are no texts")
            return ()
        return tuple(" ".join(each.split()) for each in given[:_MOST_ENTRIES] if each.strip())

    def _power_state(self) -> PowerState | None:
        value = self._document.get("power_state")
        if value is None:
            return None
        mode = value.get("mode") if isinstance(value, Mapping) else None
        if mode not in ("poweroff", "halt", "reboot"):
            self._warn("power_state", "mode is none of poweroff, halt, reboot")
            return None
        if value.get("condition", True) is not True:
            self._warn("power_state", "condition is not evaluated here; the machine stays on")
            return None
        return PowerState(mode, str(value.get("message", "")))


def _mode(value: Any) -> int | None:
    """Return permissions; to YAML, `0644` without quotes is a number already."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 <= value <= 0o7777 else None
    text = str(value)
    return int(text.removeprefix("0o"), 8) if _MODE.fullmatch(text) else None


def _word(word: object) -> str:
    """Return a word as YAML's text has it."""
    return str(word).lower() if isinstance(word, bool) else str(word)


def _decoded(content: Any, encoding: str) -> bytes:
    """Return a file's bytes.

    Raises:
        ValueError: It is not in its encoding, or too large in it.
    """
    raw = content if isinstance(content, bytes) else str(content).encode("utf-8", "surrogatepass")
    kinds = {each for each in re.split(r"[+]", encoding.lower()) if each}
    if unknown := kinds - {"b64", "base64", "gz", "gzip", "text/plain"}:
        raise ValueError(f"encoding {sorted(unknown)[0][:40]!r} is unknown")
    if kinds & {"b64", "base64"}:
        try:
            raw = base64.b64decode(b"".join(raw.split()), validate=True)
        except binascii.Error as error:
            raise ValueError(f"no base64: {error}") from error
    if kinds & {"gz", "gzip"}:
        reader = zlib.decompressobj(wbits=31)
        try:
            raw = reader.decompress(raw, MOST_BYTES)
        except zlib.error as error:
            raise ValueError(f"no gzip: {error}") from error
        if reader.unconsumed_tail:
            raise ValueError(f"more than {MOST_BYTES} bytes")
    return raw


__all__ = ["CloudConfig", "Command", "File", "PowerState", "User", "read"]
