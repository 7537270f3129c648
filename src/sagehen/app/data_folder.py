"""DataFolder: every path of the platform's state, its lock, and the root credentials."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sagehen.app.settings import RootAccount, data_option
from sagehen.domain.identity import Credentials
from sagehen.domain.ids import Ids
from sagehen.domain.whole_files import write_whole

# What a platform puts there before its database is, and what a disk of its own begins with.
_BEFORE_THE_DATABASE = frozenset(
    {
        "s3",
        "sagemaker",
        "lambda",
        "run",
        "ca",
        "tls",
        "lock",
        "platform.log",
        "platform.log.1",
        "credentials.json",
        "environments",
        "images",
        "lost+found",
    }
)


class DataFolderBusy(Exception):
    """Another platform is using the folder."""


class DataFolderOfOthers(Exception):
    """The folder holds what is not Sagehen's, which `sagehen down --delete-data` would delete with it."""


class DataFolder:
    """One platform's state on disk. Nothing of the platform lies outside it.

    Args:
        root: Made with mode 0700 if it does not exist.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.database = self.root / "metadata.sqlite"
        self.objects = self.root / "s3"
        self.certificates = self.root / "ca"
        self.ca_certificate = self.certificates / "ca.pem"
        self.authority = self.root / "tls"
        self.jobs = self.root / "sagemaker"
        self.functions = self.root / "lambda"
        self.runtime = self.root / "run"
        self.images = self.root / "images"
        self.environments = self.root / "environments"
        self.log = self.root / "platform.log"
        self.credentials = self.root / "credentials.json"
        self.platform = self.root / "platform.json"
        self.clock = self.root / "clock"
        self._lock_file: int | None = None

    def claim(self) -> None:
        """Make the folder where there is none.

        Raises:
            DataFolderOfOthers: It was neither empty nor a data folder.
        """
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(self.root.glob(f"{self.database.name}*")):
            return
        if others := sorted(entry.name for entry in self.root.iterdir() if not _is_early(entry.name)):
            raise DataFolderOfOthers(
                f"{self.root} holds other things ({others[0]}): --data wants an empty folder, or a new one"
            )

    def open(self) -> None:
        """Make the folder and lock it for this process.

        Raises:
            DataFolderBusy: A running platform holds the lock.
            DataFolderOfOthers: It was neither empty nor a data folder.
        """
        self.claim()
        for folder in (self.objects, self.jobs, self.functions, self.runtime):
            folder.mkdir(mode=0o700, exist_ok=True)
        lock = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise DataFolderBusy(
                f"another Sagehen is running on {self.root} (`sagehen down{data_option(self.root)}` stops it)"
            ) from None
        self._lock_file = lock
        # It holds secret keys, and the folder may have been there before, open to everybody; SQLite
        # gives its other files the mode of the first.
        self.database.touch(mode=0o600)
        for file in self.root.glob(f"{self.database.name}*"):
            file.chmod(0o600)

    def close(self) -> None:
        """Release the lock and forget which process serves the folder."""
        self.platform.unlink(missing_ok=True)
        if self._lock_file is not None:
            os.close(self._lock_file)
            self._lock_file = None

    def root_credentials(self, accounts: Sequence[RootAccount], ids: Ids) -> dict[str, Credentials]:
        """Return the root keys of each account: those given, those kept, or newly made ones.

        They are kept in `credentials.json`, readable by the owner only.
        """
        kept: dict[str, dict[str, str]] = {}
        if self.credentials.exists():
            kept = json.loads(self.credentials.read_text())
        result = {}
        for account in accounts:
            if account.credentials is not None:
                credentials = account.credentials
            elif account.account_id in kept:
                known = kept[account.account_id]
                credentials = Credentials(known["access_key_id"], known["secret_access_key"])
            else:
                credentials = Credentials(ids.unique_id("AKIA"), ids.secret_access_key())
            result[account.account_id] = credentials
        kept.update(
            {
                account_id: {
                    "access_key_id": credentials.access_key_id,
                    "secret_access_key": credentials.secret_access_key,
                }
                for account_id, credentials in result.items()
            }
        )
        write_privately(self.credentials, json.dumps(kept, indent=2) + "\n")
        return result

    def announce(self, facts: Mapping[str, Any]) -> None:
        """Write `platform.json`, by which the CLI finds the running platform."""
        write_privately(self.platform, json.dumps(dict(facts), indent=2) + "\n")


def _is_early(name: str) -> bool:
    return name.removesuffix(".new") in _BEFORE_THE_DATABASE


def write_privately(path: Path, text: str) -> None:
    """Replace a file at once, with mode 0600 from its first byte on."""
    write_whole(path, text.encode())
