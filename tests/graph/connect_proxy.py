"""A proxy that tunnels (RFC 9110, CONNECT), and leads every tunnel to one place on this machine."""

from __future__ import annotations

import asyncio
import contextlib
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Self


@dataclass
class ConnectProxy:
    """`to`: the port on localhost behind every tunnel. `refuses`: it answers 403. `asked` are the targets, in order.

    `name_and_password`, as `name:password`, is asked for in the Basic scheme (RFC 7617) where it is set.
    """

    to: int
    refuses: bool = False
    name_and_password: str = ""
    asked: list[str] = field(default_factory=list)
    url: str = ""

    async def __aenter__(self) -> Self:
        self._writers: list[asyncio.StreamWriter] = []
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()
        for writer in self._writers:
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        await asyncio.sleep(0)  # both ends of each tunnel see that it is closed

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        method, target, _ = first.split(" ", 2)
        self.asked.append(target)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        wanted = f"Basic {b64encode(self.name_and_password.encode()).decode()}"
        is_known = not self.name_and_password or headers.get("proxy-authorization") == wanted
        if method != "CONNECT" or self.refuses or not is_known:
            status = "403 Forbidden" if is_known else "407 Proxy Authentication Required"
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
            writer.close()
            return
        far_reader, far_writer = await asyncio.open_connection("localhost", self.to)
        self._writers.append(far_writer)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while part := await source.read(65_536):
            sink.write(part)
            await sink.drain()
    sink.close()
