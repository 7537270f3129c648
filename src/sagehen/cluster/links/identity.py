"""NodeIdentity: what a machine has of being a node, in a folder of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from sagehen.domain.whole_files import write_whole

_FILE = "node.json"


@dataclass(frozen=True, slots=True)
class NodeIdentity:
    """Who a node is, and whom it believes.

    Args:
        folder: Where it is kept, mode 0700; `node.json` in it has mode 0600.
        name: Given by the platform.
        certificate_pem: By the platform's authority, for the key.
        key_pem: Made on this machine, and never sent.
        authority_pem: Of the platform's authority.
    """

    folder: Path
    name: str
    certificate_pem: str
    key_pem: str
    authority_pem: str

    @classmethod
    def read(cls, folder: Path) -> NodeIdentity | None:
        """Return what the folder has; None where the machine has not joined.

        Raises:
            ValueError: The file is none of ours.
        """
        try:
            content = json.loads((folder / _FILE).read_bytes())
        except FileNotFoundError:
            return None
        try:
            return cls(folder, **content)
        except TypeError:
            raise ValueError(f"{folder / _FILE} is no node's") from None

    def write(self) -> None:
        """Keep it, all of it at once."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        content = {
            "name": self.name,
            "certificate_pem": self.certificate_pem,
            "key_pem": self.key_pem,
            "authority_pem": self.authority_pem,
        }
        write_whole(self.folder / _FILE, json.dumps(content).encode())

    def forget(self) -> None:
        """Be no node any more."""
        (self.folder / _FILE).unlink(missing_ok=True)
