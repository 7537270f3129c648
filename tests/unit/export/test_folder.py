"""The folder of an export is there when all of it is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from sagehen.cli.export.folder import require_new, write
from sagehen.export.graph.values import Package

ARCHIVE = b"an archive"


class Sender(BaseHTTPRequestHandler):
    """Sends the archive; below /short only its beginning, and hangs up."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(ARCHIVE)))
        self.end_headers()
        self.wfile.write(ARCHIVE[:4] if self.path == "/short" else ARCHIVE)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Sender) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_folder_is_new_and_whole(tmp_path: Path) -> None:
    folder = tmp_path / "exported"
    require_new(folder)
    folder.mkdir()
    require_new(folder)
    with pytest.raises(OSError, match="no address"):
        write(folder, {"template.yaml": b"x"}, [Package("packages/a.zip", "file:///etc/passwd", "")])
    assert [path.name for path in tmp_path.iterdir()] == ["exported"] and not [*folder.iterdir()]
    write(folder, {"template.yaml": b"x"}, [])
    assert (folder / "template.yaml").read_bytes() == b"x"
    assert [path.name for path in tmp_path.iterdir()] == ["exported"]
    for there in (folder, folder / "template.yaml", tmp_path / "nowhere" / "x"):
        with pytest.raises(ValueError):
            require_new(there)


def test_a_package_that_does_not_come_whole_is_none(url: str, tmp_path: Path) -> None:
    folder, digest = tmp_path / "exported", sha256(ARCHIVE).hexdigest()
    for path, wanted in (("short", digest), ("whole", "0" * 64)):
        with pytest.raises(OSError, match="did not come whole"):
            write(folder, {}, [Package("packages/Ask-1.zip", f"{url}/{path}", wanted)])
        assert not [*tmp_path.iterdir()]
    write(folder, {}, [Package("packages/Ask-1.zip", f"{url}/whole", digest)])
    assert (folder / "packages/Ask-1.zip").read_bytes() == ARCHIVE
