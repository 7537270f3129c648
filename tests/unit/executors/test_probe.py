"""What this machine can do, found out."""

from __future__ import annotations

from sagehen.executors.folders.openings import Openings
from sagehen.executors.limits.backends import best_backend, remove_groups
from sagehen.executors.probe import probe


def test_the_probe_finds_this_machine() -> None:
    report = probe()
    assert report.cpus >= 1 and report.memory_mib > 100
    assert report.sandboxes or report.lacks[0].cure
    backend = best_backend("sagehen-test")
    assert report.limits == backend.name
    assert report.openings is Openings.can_be_asked_for()
    remove_groups(backend)
