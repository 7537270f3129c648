"""What of pip's configuration goes into a sandbox."""

from __future__ import annotations

from pathlib import Path

from sagehen.executors.environments import pip_settings


def test_pip_s_settings_and_local_folders_go_in(tmp_path: Path) -> None:
    wheels, index = tmp_path / "wheels", tmp_path / "index" / "simple"
    wheels.mkdir()
    index.mkdir(parents=True)
    configuration = tmp_path / "pip.conf"
    configuration.write_text(
        f"[global]\nfind-links = {wheels}\nextra-index-url =\n  file://{index}\n  https://other.test/simple\n"
        "[install]\nuser = yes\n"
    )
    settings = pip_settings.of_host(
        {"PIP_CONFIG_FILE": str(configuration), "PIP_INDEX_URL": "https://first.test/simple"}
    )
    assert settings.environment["PIP_INDEX_URL"] == "https://first.test/simple"
    assert settings.environment["PIP_EXTRA_INDEX_URL"] == f"file://{index} https://other.test/simple"
    assert "PIP_USER" not in settings.environment
    sources = {mount.source for mount in settings.mounts}
    assert {wheels, index.parent} <= sources
    assert not any(mount.writable for mount in settings.mounts)
