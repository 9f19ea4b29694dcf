"""A server that speaks as much of Qdrant's HTTP as the service does, over the library's own local mode."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

from pydantic import TypeAdapter
from qdrant_client import QdrantClient, models

KEY = "the key of the store"


class QdrantServer(ThreadingHTTPServer):
    """Attributes: `local` holds the collections; `down` makes every answer a 503; `asked` are methods and paths."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.local = QdrantClient(":memory:")
        self.down = False
        self.asked: list[str] = []
        self.one_at_a_time = Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def qdrant_server() -> Iterator[QdrantServer]:
    """Listens until the end of the block."""
    server = QdrantServer()
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: QdrantServer

    def _answer(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        self.server.asked.append(f"{self.command} {self.path}")
        if self.headers["api-key"] != KEY:
            return self._send(401, {"status": {"error": "who are you"}})
        if self.server.down:
            return self._send(503, {"status": {"error": "out of order"}})
        _, _, *rest = self.path.partition("?")[0].split("/")
        with self.server.one_at_a_time:
            result = _done(self.server.local, self.command, rest, body)
        return self._send(200, {"result": result, "status": "ok", "time": 0.0})

    do_GET = do_PUT = do_POST = do_DELETE = _answer  # noqa: N815

    def _send(self, status: int, content: Any) -> None:
        payload = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *_: Any) -> None:
        """Tests are quiet."""


def _done(local: QdrantClient, method: str, rest: list[str], body: Any) -> Any:
    match method, rest:
        case "GET", []:
            return local.get_collections().model_dump(mode="json")
        case "PUT", [name]:
            return local.create_collection(name, vectors_config=models.VectorParams(**body["vectors"]))
        case "DELETE", [name]:
            return local.delete_collection(name)
        case "PUT", [name, "points"]:
            local.upsert(name, points=models.Batch(**body["batch"]))
            return {"operation_id": 0, "status": "completed"}
        case "POST", [name, "points", "count"]:
            return local.count(name, exact=True).model_dump(mode="json")
        case "POST", [name, "points", "query"]:
            only = body.get("filter")
            return local.query_points(
                name,
                query=body["query"]["nearest"],
                limit=body["limit"],
                query_filter=None if only is None else TypeAdapter(models.Filter).validate_python(only),
                with_vectors=True,
                with_payload=False,
            ).model_dump(mode="json")
    raise NotImplementedError(f"{method} {rest}")
