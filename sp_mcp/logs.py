"""Logging to stderr, and only what may be read by anybody.

stdout belongs to the protocol. Libraries are held to warnings, because their lower levels write URLs and
headers; tracebacks are cut to the kind of the error, because its text can hold what a caller wrote.
"""

from __future__ import annotations

import logging
import sys
from types import TracebackType
from typing import Any

from sp_mcp.settings import LogLevel

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class _Discreet(logging.Formatter):
    def formatException(self, ei: Any) -> str:
        info: _ExcInfo = ei
        kind, _, trace = info
        places = []
        while trace is not None:
            code = trace.tb_frame.f_code
            places.append(f"{code.co_name}:{trace.tb_lineno}")
            trace = trace.tb_next
        return f"{kind.__name__ if kind else 'error'} in {' > '.join(places[-6:])}"


def configure(level: LogLevel) -> None:
    """Send the program's own log to stderr at `level`, and warnings of the libraries."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Discreet("%(levelname)s %(name)s: %(message)s"))
    # What cannot be formatted is told nowhere: Python would write out the values.
    logging.raiseExceptions = False
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("sp_mcp").setLevel(level.upper())
