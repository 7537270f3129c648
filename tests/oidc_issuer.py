"""An OpenID Connect issuer on loopback: discovery document, keys, and tokens signed with them."""

from __future__ import annotations

import json
import threading
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm


class Issuer:
    """An identity provider on loopback."""

    def __init__(self) -> None:
        self.keys = {"one": rsa.generate_private_key(public_exponent=65537, key_size=2048)}
        self.broken = False
        self.asked = 0
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked += 1
                body = json.dumps(issuer.document(self.path)).encode()
                self.send_response(500 if issuer.broken else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.name = self.url.removeprefix("http://")
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def document(self, path: str) -> dict[str, Any]:
        if path == "/.well-known/openid-configuration":
            return {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        return {
            "keys": [
                {**json.loads(RSAAlgorithm.to_jwk(key.public_key())), "kid": name, "use": "sig"}
                for name, key in self.keys.items()
            ]
        }

    def token(self, now: datetime, key: str = "one", signer: Any = None, **claims: Any) -> str:
        whole = {
            "iss": self.url,
            "sub": "repo:birds/sage",
            "aud": "sts.amazonaws.com",
            "exp": int(now.timestamp()) + 300,
            **claims,
        }
        return jwt.encode(whole, signer or self.keys[key], algorithm="RS256", headers={"kid": key})

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
