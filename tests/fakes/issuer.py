"""An identity provider on this machine: publishes keys, gives codes, signs tokens, and lies where a test says so."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "desk", "client secret: ok&=?"


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Issuer:
    """The provider's state; ``forge`` makes its tokens instead of honest signing."""

    url: str = ""
    port: int = 0
    kid: str = "k1"
    key: rsa.RSAPrivateKey = field(default_factory=new_key)
    person: dict[str, object] = field(default_factory=dict)
    forge: Callable[[Issuer, dict[str, object]], str] | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)
    as_issuer: str = ""

    def authorize(self, location: str) -> tuple[str, str]:
        """What the person's browser does at the provider: log in; returns the code and the state to bring back."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        code = f"code{len(self.codes)}"
        self.codes[code] = query
        return code, query["state"]

    def claims(self, query: dict[str, str]) -> dict[str, object]:
        now = int(time.time())
        stated = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": query["nonce"]}
        return stated | {"sub": "u-1", "email": "anna@example.com", "email_verified": True} | self.person

    def sign(self, claims: dict[str, object], **options: object) -> str:
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": self.kid}, **options)  # type: ignore[arg-type]

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, object]]:
        query = self.codes.pop(form["code"], None)
        if query is None or not _is_client(authorization) or form["redirect_uri"] != query["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        challenge = (
            base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        )
        if (query["code_challenge"], query["code_challenge_method"]) != (challenge, "S256"):
            return 400, {"error": "invalid_grant"}
        claims = self.claims(query)
        return 200, {"id_token": self.forge(self, claims) if self.forge else self.sign(claims), "token_type": "Bearer"}

    def read(self, path: str) -> dict[str, object]:
        self.reads.append(path)
        if path == "/keys":
            jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
            return {"keys": [jwk | {"kid": self.kid, "use": "sig", "alg": "RS256"}]}
        endpoints = {f"{name}_endpoint": f"{self.url}/{name}" for name in ("authorization", "token")}
        return {"issuer": self.as_issuer or self.url, "jwks_uri": f"{self.url}/keys", **endpoints}


def _is_client(authorization: str) -> bool:
    name, _, secret = base64.b64decode(authorization.partition(" ")[2]).decode().partition(":")
    return (name, secret) == (CLIENT, "client%20secret%3A%20ok%26%3D%3F")


@contextmanager
def running() -> Iterator[Issuer]:
    """The provider, listening on a free port."""
    issuer = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(200, issuer.read(self.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._answer(*issuer.token(form, self.headers["Authorization"] or ""))

        def _answer(self, status: int, content: dict[str, object]) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        issuer.port, issuer.url = server.server_port, f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield issuer
        server.shutdown()
        thread.join(5)
