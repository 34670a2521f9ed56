"""A Selling Partner that knows one thing: a strict token bucket. For benchmark_quota.py, as a process of its own.

Usage: python tools/strict_bucket.py JSON

JSON holds `rate`, `burst` and `told`, the changes of the rate as pairs of seconds into the run and the new rate.
Prints the port and serves until it is killed. /report tells what was granted and refused.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class StrictServer:
    """A token bucket behind HTTP/1.1: 200 while there are tokens, 429 otherwise, the rate in every 200."""

    rate: float
    burst: int
    told: tuple[tuple[float, float], ...]
    level: float = 0.0
    at: float | None = None
    began: float = 0.0
    granted: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    times: list[float] = field(default_factory=list)

    def take(self, process: str) -> bool:
        now = time.monotonic()
        if self.at is None:
            self.began, self.at, self.level = now, now, float(self.burst)
        # Refilled piece by piece, because the rate may have changed since the last request.
        for after, rate in self.told:
            instant = self.began + after
            if self.at < instant <= now:
                self.level = min(self.burst, self.level + (instant - self.at) * self.rate)
                self.at, self.rate = instant, rate
        self.level = min(self.burst, self.level + (now - self.at) * self.rate)
        self.at = now
        if self.level < 1:
            self.refused += 1
            return False
        self.level -= 1
        self.granted[process] += 1
        self.times.append(now - self.began)
        return True

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = next((line for line in head.lower().split("\r\n") if line.startswith("content-length:")), ":0")
                await reader.readexactly(int(length.split(":")[1]))
                path = head.split(" ")[1]
                if path.endswith("/token"):
                    status, body = 200, {"access_token": "Atza|benchmark", "expires_in": 3600}
                elif path == "/report":
                    status, body = 200, {"granted": self.granted, "refused": self.refused, "times": self.times}
                elif path == "/warm-up":
                    status, body = 200, {}
                elif self.take(path.split("/")[-1]):
                    status, body = 200, {"payload": {}}
                else:
                    status, body = 429, {"errors": [{"code": "QuotaExceeded", "message": "strict"}]}
                text = json.dumps(body).encode()
                rate = f"x-amzn-ratelimit-limit: {self.rate}\r\n" if status == 200 else ""
                writer.write(
                    f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{rate}"
                    f"content-length: {len(text)}\r\n\r\n".encode()
                    + text
                )
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


async def main(options: dict[str, Any]) -> None:
    """Serve on a free port of this machine."""
    strict = StrictServer(options["rate"], options["burst"], tuple(map(tuple, options["told"])))
    server = await asyncio.start_server(strict.serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
