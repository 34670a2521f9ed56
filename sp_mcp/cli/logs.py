"""Logging to stderr, and only what may be read by anybody.

stdout belongs to the protocol. Libraries are held to warnings, because their lower levels write URLs and
headers. A traceback is cut to where the fault was, because its text can hold what a caller wrote; `--debug` shows it.
"""

from __future__ import annotations

import logging
import sys
from types import TracebackType
from typing import Any

from sp_mcp.settings import LogLevel

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

_FORMAT = "%(levelname)s %(name)s: %(message)s"


class _Discreet(logging.Formatter):
    def formatException(self, ei: Any) -> str:
        info: _ExcInfo = ei
        kind, _, trace = info
        frames = []
        while trace is not None:
            code = trace.tb_frame.f_code
            frames.append(f"{code.co_name}:{trace.tb_lineno}")
            trace = trace.tb_next
        return f"{kind.__name__ if kind else 'error'} in {' > '.join(frames[-6:])}"


def configure(level: LogLevel, *, tracebacks: bool = False) -> None:
    """Send the program's own log to stderr at `level`, and warnings of the libraries.

    With `tracebacks` faults are shown whole, for a developer: they can hold what a caller wrote.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(_FORMAT) if tracebacks else _Discreet(_FORMAT))
    # What cannot be formatted is written nowhere: Python would write out the values.
    logging.raiseExceptions = False
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("sp_mcp").setLevel(level.upper())
