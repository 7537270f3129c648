"""What a start finds where an earlier life's server was."""

from __future__ import annotations

from pathlib import Path

import pytest

from sagehen.services.sagemaker.hosting.folder import InstanceFolder
from sagehen.services.sagemaker.instances.server_folder import ServerFolder
from sagehen.services.sagemaker.tracking_servers.process import TrackingFolder


@pytest.mark.parametrize("kind", [InstanceFolder, TrackingFolder])
def test_a_start_finds_no_socket_whatever_lies_in_its_place(tmp_path: Path, kind: type[ServerFolder]) -> None:
    folder = kind(tmp_path)
    folder.make()
    (folder.socket / "in the way").mkdir(parents=True)
    (folder.packages / "installed").touch()
    folder.make()
    assert list(folder.run.iterdir()) == []
    assert (folder.packages / "installed").exists()


def test_what_was_tracked_stays(tmp_path: Path) -> None:
    folder = TrackingFolder(tmp_path)
    folder.make()
    (folder.data / "mlflow.db").touch()
    folder.make()
    assert (folder.data / "mlflow.db").exists()
