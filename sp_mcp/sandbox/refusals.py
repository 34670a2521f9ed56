"""How the service says no."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """An answer with Amazon's error body."""

    def __init__(self, status: int, code: str, message: str, details: str = "") -> None:
        super().__init__(code)
        self.status = status
        self.error = {"code": code, "message": message, **({"details": details} if details else {})}

    @property
    def body(self) -> dict[str, Any]:
        """The error body, the same shape for all APIs on the wire."""
        return {"errors": [self.error]}


def invalid(message: str, details: str = "") -> Refusal:
    """400 InvalidInput."""
    return Refusal(400, "InvalidInput", message, details)
