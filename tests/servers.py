"""A registry's web server on loopback that misbehaves as told."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class Behaviour:
    """What the server does; tests change it while it runs."""

    folder: Path
    url: str = ""
    requests: list[str] = field(default_factory=list)
    cut: float | None = None  #: close the connection after this share of an artifact
    statuses: list[int] = field(default_factory=list)  #: answered to the next requests, in order
    drip: float = 0.0  #: seconds between the bytes of an artifact
    redirect: str = ""  #: where requests for artifacts are sent
    gzip: bool = False  #: encode artifacts, asked or not
    artifact: bytes | None = None  #: served instead of an artifact
    index: bytes | None = None  #: served instead of the index

    def artifacts_asked(self) -> int:
        return sum("/artifacts/" in path for path in self.requests)


class _Handler(BaseHTTPRequestHandler):
    behaviour: Behaviour
    protocol_version = "HTTP/1.1"

    def handle(self) -> None:
        with suppress(ConnectionError):  # a client that has seen enough
            super().handle()

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        how = self.behaviour
        how.requests.append(self.path)
        if how.statuses and (status := how.statuses.pop(0)) != 200:
            return self._answer(status, b"trouble")
        is_artifact = "/artifacts/" in self.path
        if is_artifact and how.redirect:
            self.send_response(302)
            self.send_header("Location", how.redirect)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None
        replaced = how.artifact if is_artifact else how.index
        path = how.folder / self.path.lstrip("/")
        if replaced is None and not path.is_file():
            return self._answer(404, b"nothing here")
        data = path.read_bytes() if replaced is None else replaced
        return self._send(data) if is_artifact else self._answer(200, data)

    def _answer(self, status: int, data: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _send(self, data: bytes) -> None:
        how = self.behaviour
        self.send_response(200)
        if how.gzip:
            data = gzip.compress(data)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if how.drip:
            for byte in data:
                self.wfile.write(bytes([byte]))
                time.sleep(how.drip)
        elif how.cut is not None:
            self.wfile.write(data[: int(len(data) * how.cut)])
            self.close_connection = True
        else:
            self.wfile.write(data)


@contextmanager
def serving(folder: Path) -> Iterator[Behaviour]:
    """Serve a folder on a free port of 127.0.0.1."""
    behaviour = Behaviour(folder)
    handler = type("Handler", (_Handler,), {"behaviour": behaviour})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    behaviour.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield behaviour
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
