"""What is the same for every machine of this platform, and what its programs find in their variables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sagehen.domain.scope import Scope
from sagehen.executors.base import Limits, Mount
from sagehen.executors.environments.pip_settings import PipSettings
from sagehen.executors.network.door import door_environment, trust_mounts

# Folders of the platform's own inside; all else there is the machine's.
COMMANDS = "/opt/sagehen/bin"
BOOT_LOG = "/var/log/cloud-init-output.log"
BECOME = "/usr/libexec/sagehen/become"
_TRUST = "/opt/sagehen/trust"
PYTHON = "/opt/pytorch"  # where the Deep Learning AMIs of today have theirs
METADATA_ADDRESS = "169.254.169.254"
_SYSTEM = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Around:
    """What machines find around them.

    Args:
        platform_port: Of the front door, as sandboxes see it on their loopback.
        ca_file: The local CA's certificate that they trust for `*.amazonaws.com`, or None.
        pip: Where packages come from.
    """

    platform_port: int
    ca_file: Path | None
    pip: PipSettings

    def mounts(self) -> list[Mount]:
        """Return what they see of it."""
        trust = [] if self.ca_file is None else trust_mounts(self.ca_file, _TRUST)
        return [*trust, *self.pip.mounts]

    def environment(self, scope: Scope, limits: Limits, user: str, home: str) -> dict[str, str]:
        """Return the variables of all processes of a machine."""
        trust = None if self.ca_file is None else _TRUST
        return {
            **self.pip.environment,
            **door_environment(self.platform_port, trust, (METADATA_ADDRESS,)),
            "AWS_REGION": scope.region,
            "AWS_DEFAULT_REGION": scope.region,
            "OMP_NUM_THREADS": str(max(1, int(limits.cpus))),
            "PATH": f"{COMMANDS}:{PYTHON}/bin:{_SYSTEM}",
            "SHELL": "/bin/bash" if Path("/bin/bash").exists() else "/bin/sh",
            "VIRTUAL_ENV": PYTHON,
            **user_environment(user, home),
        }


def user_environment(user: str, home: str) -> dict[str, str]:
    """Return what tells a program whose it is; the commands of `inside` read the last."""
    return {"HOME": home, "USER": user, "LOGNAME": user, "SAGEHEN_USER": user}
