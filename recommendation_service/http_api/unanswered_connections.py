"""Ends what clients go on sending without being answered, from inside the process.

The web server (granian 2.8) reads bodies without a deadline and offers none, tells no application which connection a
request came by, and stands still for everybody if a request is answered while its body is still being read. What an
application can do is to find the connection among the process's own, and to take no more from it: the read then ends as
if the client had, the connection still takes an answer, and is closed behind it.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

CAN_BE_ENDED = hasattr(socket, "TCP_INFO") and Path("/proc/self/fd").is_dir()
"""Whether the system tells of connections what is needed, as Linux does."""
_OPEN_FILES = Path("/proc/self/fd")
_INTERNET = (socket.AF_INET, socket.AF_INET6)
_TCP_INFO_BYTES = 56
_TIMES = struct.Struct("=44xI4xI")
"""Of Linux's `struct tcp_info` (linux/tcp.h): milliseconds since data was last sent, and since it last came."""


class UnansweredConnections:
    """Remembers since when a client waits for an answer, or is still sending what is to be answered."""

    def __init__(self) -> None:
        """Nothing was looked at yet."""
        self._since: dict[int, float] = {}

    def end(self, client: str, port: int, *, now: float, seconds: float) -> int:
        """Look at a client's connections to a port, and take no more from those that were seen unanswered for so long.

        Args:
            client: Its address, as the web server tells it.
            port: The server's.
            now: The moment, in seconds of a clock that never goes back.
            seconds: For how long nothing was answered, counted from the first look that saw it.

        Returns:
            How many were ended.
        """
        seen, ended = {}, 0
        for connection in _connections(client, port):
            with connection, suppress(OSError):  # it has ended by itself
                if not _is_unanswered(connection):
                    continue
                node = os.fstat(connection.fileno()).st_ino
                seen[node] = self._since.get(node, now)
                if now - seen[node] >= seconds:
                    connection.shutdown(socket.SHUT_RD)
                    ended += 1
        self._since = seen
        return ended


def _connections(client: str, port: int) -> Iterator[socket.socket]:
    """Second handles of a client's connections to a port, to be closed by who takes them."""
    for descriptor in list(_OPEN_FILES.iterdir()) if CAN_BE_ENDED else ():
        handle = _second_handle(int(descriptor.name))
        if handle is None:
            continue
        if _is_between(handle, client, port):
            yield handle
        else:
            handle.close()


def _second_handle(descriptor: int) -> socket.socket | None:
    """The socket behind a descriptor under another one, so that it stays the same even if the first is closed."""
    try:
        second = os.dup(descriptor)
    except OSError:
        return None
    try:
        return socket.socket(fileno=second)
    except OSError:
        os.close(second)
        return None


def _is_between(handle: socket.socket, client: str, port: int) -> bool:
    if handle.family not in _INTERNET or handle.type != socket.SOCK_STREAM:
        return False
    try:
        return bool(handle.getsockname()[1] == port and handle.getpeername()[0].partition("%")[0] == client)
    except OSError:
        return False


def _is_unanswered(connection: socket.socket) -> bool:
    """Whether something came after the last that was sent back; the system's clock may see both at once."""
    told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
    sent_before, came_before = _TIMES.unpack_from(told)
    return bool(came_before <= sent_before)
