"""How the CLI speaks to the platform: past any proxy, and all pages of what it asks for."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socketserver import BaseRequestHandler, TCPServer
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from botocore.exceptions import EndpointConnectionError

from sagehen.cli import logs, status
from sagehen.cli.running import RunningPlatform, ask_health

_IDENTITY = (
    b"<GetCallerIdentityResponse xmlns='https://sts.amazonaws.com/doc/2011-06-15/'><GetCallerIdentityResult>"
    b"<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
)


class Sts(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(_IDENTITY)))
        self.end_headers()
        self.wfile.write(_IDENTITY)

    def log_message(self, format: str, *args: object) -> None:
        pass


def platform_at(port: int) -> RunningPlatform:
    return RunningPlatform(
        Path("/data"), 1, "127.0.0.1", port, "us-east-1", "123456789012", "AKIA", "secret", "/ca.pem"
    )


def test_no_proxy_stands_before_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")  # a company's, which knows no host of ours
    with HTTPServer(("127.0.0.1", 0), Sts) as listener:
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            answer = platform_at(listener.server_port).client("sts").get_caller_identity()
        finally:
            listener.shutdown()
            thread.join()
    assert answer["Account"] == "123456789012"


@pytest.mark.parametrize(
    "answer",
    [b"+OK POP3\r\n", b"HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\n{", b"HTTP/1.0 200 OK\r\n\r\n[]"],
    ids=["no HTTP", "half an answer", "something else"],
)
def test_whatever_else_listens_is_no_platform(answer: bytes) -> None:
    class Other(BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(4096)
            self.request.sendall(answer)

    with TCPServer(("127.0.0.1", 0), Other) as listener:
        thread = threading.Thread(target=listener.handle_request)
        thread.start()
        with pytest.raises(ValueError, match="is no platform"):
            ask_health(f"http://127.0.0.1:{listener.server_address[1]}", 60)
        thread.join()


class Pages:
    """A client whose every listing has two pages."""

    def get_paginator(self, operation: str) -> Any:
        if operation == "describe_instances":
            state = {"State": {"Name": "Busy"}, "InstanceType": "t3.nano"}
            pages = [{"Reservations": [{"Instances": [{"InstanceId": f"i-{n}", **state}]}]} for n in (1, 2)]
            return SimpleNamespace(paginate=lambda **_: pages)
        noun, found = {
            "list_training_jobs": ("TrainingJob", "TrainingJobSummaries"),
            "list_processing_jobs": ("ProcessingJob", "ProcessingJobSummaries"),
            "list_transform_jobs": ("TransformJob", "TransformJobSummaries"),
            "list_endpoints": ("Endpoint", "Endpoints"),
            "list_notebook_instances": ("NotebookInstance", "NotebookInstances"),
        }[operation]
        pages = [{found: [{f"{noun}Name": f"{noun}-{n}", f"{noun}Status": "Busy"}]} for n in (1, 2)]
        return SimpleNamespace(paginate=lambda **_: pages)


def test_status_lists_every_page(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(RunningPlatform, "find", lambda _: replace(platform_at(1), pid=os.getpid()))
    monkeypatch.setattr(RunningPlatform, "health", lambda *_: {"version": "1", "services": {"s3": 1}})
    monkeypatch.setattr(RunningPlatform, "client", lambda *_: Pages())
    monkeypatch.setattr(status, "act", lambda *_: {"Ports": {}})
    status.show(Path("/data"))
    told = capsys.readouterr().out
    assert [line.split()[1] for line in told.splitlines() if "Busy" in line] == [
        "TrainingJob-1", "TrainingJob-2", "ProcessingJob-1", "ProcessingJob-2", "TransformJob-1",
        "TransformJob-2", "Endpoint-1", "Endpoint-2",
        "NotebookInstance-1", "NotebookInstance-2", "i-1", "i-2",
    ]  # fmt: skip


def test_status_of_a_platform_that_goes_meanwhile(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(RunningPlatform, "find", lambda _: replace(platform_at(1), pid=os.getpid()))
    answers = [{"version": "1", "services": {"s3": 1}}]
    monkeypatch.setattr(RunningPlatform, "health", lambda *_: answers.pop() if answers else _gone())
    with pytest.raises(typer.Exit):
        status.show(Path("/data"))
    assert "(what runs could not be asked: Connection refused)" in capsys.readouterr().out


def _gone() -> dict[str, Any]:
    raise ConnectionRefusedError("Connection refused")


def test_following_ends_with_a_sentence_when_the_platform_does(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Gone:
        exceptions = SimpleNamespace(ResourceNotFoundException=KeyError)

        def describe_log_groups(self, **_: Any) -> dict[str, Any]:
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    monkeypatch.setattr(RunningPlatform, "find", lambda _: SimpleNamespace(client=lambda _: Gone()))
    with pytest.raises(typer.Exit):
        logs.show(Path("/data"), "/a", follow=True, since="10m", stream_prefix=None)
    assert "Sagehen does not answer any more: Could not connect" in capsys.readouterr().err
