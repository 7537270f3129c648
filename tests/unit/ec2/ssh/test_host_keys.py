"""Keys of machines: one secret, whoever asks first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from sagehen.services.ec2.ssh.host_keys import HostKeys


def test_machines_that_are_launched_together_make_one_secret(tmp_path: Path) -> None:
    for number in range(20):
        keys, together = HostKeys(tmp_path / str(number) / "host_keys.secret"), Barrier(4)

        def told(instance_id: str, keys: HostKeys = keys, together: Barrier = together) -> str:
            together.wait(10)
            return keys.public(instance_id)

        with ThreadPoolExecutor(4) as threads:
            shown = list(threads.map(told, ["i-1", "i-2", "i-1", "i-2"]))
        later = HostKeys(tmp_path / str(number) / "host_keys.secret")  # after a restart
        assert shown == [later.public("i-1"), later.public("i-2")] * 2
