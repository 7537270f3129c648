"""An image that serves: this Python, and a server of two processes, as public examples' gunicorn has them."""

from __future__ import annotations

import functools
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
            "weights": os.path.exists("/opt/ml/model/weights") and open("/opt/ml/model/weights").read(),
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

if sys.argv[1:] == ["train"]:
    words = open("/opt/ml/input/data/train/words.txt").read()
    sys.exit(open("/opt/ml/model/weights", "w").write(words) and 0)
if sys.argv[1:] == ["process"]:
    words = open("/opt/ml/processing/in/words.txt").read()
    sys.exit(open("/opt/ml/processing/out/words.txt", "w").write(words.upper()) and 0)
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


# A container of many models, by AWS's contract, with room for two.
_MODELS = b"""#!/bin/python3
import json, os, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

assert os.environ["SAGEMAKER_MULTI_MODEL"] == "true"
models = {}

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.reply(200, {"models": sorted(models)} if self.path == "/models" else {})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/models":
            asked = json.loads(body)
            if len(models) == 2:
                return self.reply(507, "full")
            models[asked["model_name"]] = open(asked["url"] + "/weights").read()
            return self.reply(200, "loaded")
        name = self.path.split("/")[2]
        target = self.headers["x-amzn-sagemaker-target-model"]
        self.reply(200, {"says": models[name], "target": target, "loaded": len(models)})

    def do_DELETE(self):
        del models[self.path.split("/")[2]]
        self.reply(200, "gone")

    def reply(self, status, told):
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

class Server(HTTPServer):
    def server_bind(self):
        self.socket.bind(self.server_address)

Server(("", 8080), Handler).serve_forever()
"""


# A runtime interface client in small: what AWS's for Python does with the Runtime API.
_FUNCTION = b"""#!/bin/python3
import json, os, sys, urllib.request

api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
ask = urllib.request.build_opener(urllib.request.ProxyHandler({})).open

def can_write(path):
    try:
        open(path, "w").close()
    except OSError as error:
        return error.strerror
    return "yes"

while True:
    with ask(api + "next") as answer:
        event, request_id = json.load(answer), answer.headers["Lambda-Runtime-Aws-Request-Id"]
    print("event", event, flush=True)
    if event == "exit":
        sys.exit(3)
    names = ("MINE", "GIVEN", "AWS_LAMBDA_FUNCTION_NAME", "AWS_EXECUTION_ENV", "_HANDLER")
    told = {
        "argv": sys.argv[1:], "cwd": os.getcwd(), "uid": os.getuid(), "tmp": can_write("/tmp/a"),
        "app": can_write("/app/a"), "open": can_write("/open/a"), "key": "AWS_ACCESS_KEY_ID" in os.environ,
        "env": {name: os.environ.get(name) for name in names},
        "tmp_mib": os.statvfs("/tmp").f_blocks * os.statvfs("/tmp").f_frsize >> 20,
    }
    ask(api + request_id + "/response", json.dumps(told).encode()).close()
"""


@functools.cache
def server_layer() -> bytes:
    """Return the layer that such an image consists of."""
    users = b"root:x:0:0::/root:/bin/sh\napp:x:500:600::/app:/bin/sh\n"
    files = {
        **python_files("http.server", "json", "urllib.request"),
        **files_of(["sh", "cat"]),
        "app/serve.py": _SERVER,
        "app/function.py": _FUNCTION,
        "app/models.py": _MODELS,
        "etc/passwd": users,
    }
    return layer_of(files, level=0, folders={"tmp": 0o1777, "open": 0o777})


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
