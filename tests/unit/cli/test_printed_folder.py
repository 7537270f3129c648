"""Printed commands reach the platform that they speak of, wherever its data lie."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import psutil
import pytest
import typer
from tests.waiting import eventually

from sagehen.app.settings import data_option
from sagehen.cli.doctor import examine
from sagehen.cli.running import NotRunning, RunningPlatform
from sagehen.gateway.pages.front_page import front_page


def test_the_default_folder_needs_no_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAGEHEN_DATA", str(tmp_path))
    assert data_option(tmp_path) == ""
    assert data_option(tmp_path / "my demo") == f" --data '{tmp_path}/my demo'"


def test_every_command_of_the_page_names_the_folder() -> None:
    facts: dict[str, object] = {"version": "1", "services": {"s3": 1}, "data_option": " --data '/a b'"}
    page = front_page(facts, "http://127.0.0.1:1").decode()
    option = " --data &#x27;/a b&#x27;"
    for command in ("env", "status", "down", "up"):
        assert f"sagehen {command}{option}" in page
    assert "sagehen env)" in front_page({"version": "1", "services": {}}, "http://h").decode()


def test_who_was_killed_is_not_running_though_nobody_collected_it(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as platform:
        process = psutil.Process(platform.pid)
        facts = {"pid": platform.pid, "started": process.create_time()}
        (tmp_path / "platform.json").write_text(json.dumps(facts))
        (tmp_path / "credentials.json").write_text("{}")
        with pytest.raises(KeyError):  # it lives, so the rest is read
            RunningPlatform.find(tmp_path)
        platform.kill()
        eventually(lambda: process.status() == psutil.STATUS_ZOMBIE)
        with pytest.raises(NotRunning, match=f"`sagehen up --data {tmp_path}` brings everything back"):
            RunningPlatform.find(tmp_path)


class Listener(BaseHTTPRequestHandler):
    facts: ClassVar[dict[str, object]] = {}

    def do_GET(self) -> None:
        body = json.dumps(self.facts).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "another program"),
        ({"services": {}, "data": "/elsewhere"}, "a Sagehen with another data folder: /elsewhere"),
    ],
)
def test_doctor_says_who_has_the_port(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], facts: dict[str, object], said: str
) -> None:
    handler = type("Answer", (Listener,), {"facts": facts})
    with HTTPServer(("127.0.0.1", 0), handler) as listener:
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            with suppress(typer.Exit):  # this machine may lack sandboxes
                examine(tmp_path, listener.server_port)
        finally:
            listener.shutdown()
            thread.join()
    assert f"{listener.server_port} is taken by {said}\n" in capsys.readouterr().out
