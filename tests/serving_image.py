"""An image that serves: this Python, and a server of two processes, as public examples' gunicorn has them."""

from __future__ import annotations

import gzip
import json
import sys
from typing import Any

from sagehen.images.configuration import host_architecture
from tests.registry import RegistryClient, digest_of, layer_of
from tests.rootfs import files_of, python_files

# Bound as whoever the image's user is; it writes where such servers write: /tmp, /var/run.
_SERVER = b"""#!/bin/python3
import json, os, socket, sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    protocol_version = os.environ.get("HTTP", "HTTP/1.1")

    def do_GET(self):
        self.reply(200 if self.path == "/ping" else 404, b"")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if body == b"die":
            os.kill(os.getppid(), 9)
            time.sleep(600)  # all else is ended with it
        if body == b"stream":
            self.send_response(200)
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            for word in (b"a", b"bc"):
                self.wfile.write(b"%x\\r\\n%s\\r\\n" % (len(word), word))
                self.wfile.flush()
            self.wfile.write(b"0\\r\\n\\r\\n")
            return
        try:
            open("/opt/ml/model/new", "w")
            written = True
        except OSError:
            written = False
        names = ("MINE", "GIVEN", "AWS_REGION", "SAGEMAKER_BIND_TO_PORT", "AWS_CONFIG_FILE")
        self.reply(200, json.dumps({
            "argv": sys.argv[1:], "cwd": os.getcwd(), "uid": os.getuid(), "body": body.decode(),
            "type": self.headers["content-type"], "home": os.environ.get("HOME"),
            "model": sorted(os.listdir("/opt/ml/model")), "written": written,
            "env": {name: os.environ.get(name) for name in names},
        }).encode())

    def reply(self, status, body):
        self.send_response(status)
        self.send_header("content-type", "application/json")
        if self.protocol_version == "HTTP/1.1":  # else the end of the answer is that of the connection
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        print("served", *words[1:], flush=True)

class Server(HTTPServer):
    def server_bind(self):
        self.socket.bind(self.server_address)

if sys.argv[1:] not in (["serve"], []):
    sys.exit("what is " + repr(sys.argv))
for place in ("/tmp/server.sock", "/tmp/server.pid"):
    open(place, "w").close()
server = Server(("", 8080), Handler)
print("listening as", os.getuid(), flush=True)
for _ in range(2):
    if os.fork() == 0:
        server.serve_forever()
os.wait()
sys.exit(9)
"""


def server_layer() -> bytes:
    """Return the layer that such an image consists of."""
    users = b"root:x:0:0::/root:/bin/sh\napp:x:500:600::/app:/bin/sh\n"
    files = {
        **python_files("http.server", "json"),
        **files_of(["sh", "cat"]),
        "app/serve.py": _SERVER,
        "etc/passwd": users,
    }
    return layer_of(files, level=0, folders={"tmp": 0o1777})


def push_server(client: RegistryClient, repository: str, tag: str, layer: bytes, **config: Any) -> str:
    """Push an image of the layer; return its digest."""
    variables = [f"PYTHONHOME={sys.base_prefix}", "PYTHONDONTWRITEBYTECODE=1", "MINE=yes"]
    document = {
        "architecture": host_architecture(),
        "os": "linux",
        "config": {
            "Entrypoint": ["/app/serve.py"], "WorkingDir": "/app", "User": "app", **config,
            "Env": [*variables, *config.get("Env", ())],
        },
        "rootfs": {"type": "layers", "diff_ids": [digest_of(gzip.decompress(layer))]},
    }  # fmt: skip
    return client.push(repository, tag, json.dumps(document).encode(), layer)
