"""What can go wrong between this program and Amazon, as types.

    SellingPartnerError
    ├── NotSent                     the request was not sent; nothing happened
    │   ├── WaitTooLong             no turn in the quota within the longest wait
    │   ├── QuotaUnavailable        a change, but the shared quota cannot be reached
    │   ├── SignInFailed            Login with Amazon refused or could not be reached
    │   ├── Unreachable             no connection
    │   ├── NotRecorded             a change that the ledger could not record
    │   └── ShuttingDown            the program is ending
    ├── Refused                     Amazon refused it (4xx, or errors in the body); nothing was done
    │   ├── Forbidden               401 or 403: token, role, region or account
    │   └── Throttled               429 until the longest wait was used up
    ├── ReadFailed                  a read got no usable answer, after retries; nothing was changed by it
    └── OutcomeUnknown              a request that is sent only once got no usable answer: it may have happened

    TransferFailed                  a file could not be uploaded to Amazon's storage or downloaded from it

Each class has the outcome that the ledger records for a change that fails with it. No error holds a token, a secret or
the content of the request.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar

from sp_mcp.outcome import Outcome


@dataclass(frozen=True)
class ErrorDetail:
    """One entry of Amazon's `errors` list. The text comes from Amazon and is clipped."""

    code: str = field(repr=False)
    message: str = field(default="", repr=False)
    details: str = field(default="", repr=False)

    def __str__(self) -> str:
        return ": ".join(part for part in (self.code, self.message, self.details) if part)


class SellingPartnerError(Exception):
    """Base of all failures of a call to Amazon.

    `reason` is a sentence for the reader; `status` and `request_id` come from the answer, if there was one.
    `outcome` is what the ledger records of the call.
    """

    outcome: ClassVar[Outcome]

    def __init__(
        self,
        reason: str,
        *,
        status: int | None = None,
        request_id: str | None = None,
        errors: Iterable[ErrorDetail] = (),
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.request_id = request_id
        self.errors = tuple(errors)

    @property
    def codes(self) -> tuple[str, ...]:
        """Amazon's error codes, in its order."""
        return tuple(error.code for error in self.errors)


class NotSent(SellingPartnerError):
    """The request was not sent.

    `refused_before` is true if an earlier attempt of the same call was sent and Amazon did not carry it out.
    """

    outcome = Outcome.FAILED
    refused_before = False


class WaitTooLong(NotSent):
    """The next turn in the quota is later than the longest wait allows.

    `seconds` is how long from now until that turn.
    """

    def __init__(self, operation: str, seconds: float, longest: float) -> None:
        super().__init__(
            f"The quota of {operation} is used up: the next turn is in {seconds:.0f} s, and calls wait at "
            f"most {longest:.0f} s (SP_MCP_MAX_WAIT)."
        )
        self.seconds = seconds


class QuotaUnavailable(NotSent):
    """The shared quota cannot be reached, and a change is not sent without it."""


class SignInFailed(NotSent):
    """Login with Amazon returned no access token, or Amazon returned no Restricted Data Token."""

    def again(self) -> SignInFailed:
        """Returns a copy of the error for another caller."""
        return SignInFailed(self.reason, status=self.status, request_id=self.request_id, errors=self.errors)


class Unreachable(NotSent):
    """No connection could be made, so nothing was written to it."""


class NotRecorded(NotSent):
    """The ledger could not record a change, so it was not sent. `remedy` says what to do next."""

    def __init__(self, reason: str, *, remedy: str) -> None:
        super().__init__(reason)
        self.remedy = remedy


class ShuttingDown(NotSent):
    """The program is ending and starts no new requests."""


class Refused(SellingPartnerError):
    """Amazon refused the request."""

    outcome = Outcome.REFUSED


class Forbidden(Refused):
    """Amazon answered 401 or 403."""


class Throttled(Refused):
    """Amazon answered 429 until the longest wait was used up. It did not carry out the request."""


class ReadFailed(SellingPartnerError):
    """A read got no usable answer in `attempts` attempts. It changed nothing and can be repeated."""

    outcome = Outcome.FAILED

    def __init__(
        self,
        reason: str,
        *,
        attempts: int = 1,
        status: int | None = None,
        request_id: str | None = None,
        errors: Iterable[ErrorDetail] = (),
    ) -> None:
        super().__init__(reason, status=status, request_id=request_id, errors=errors)
        self.attempts = attempts


class TransferFailed(Exception):
    """A file could not be uploaded or downloaded. The text is for the caller, and holds no URL."""


class OutcomeUnknown(SellingPartnerError):
    """A request that must not be repeated was sent, and no usable answer came back."""

    outcome = Outcome.UNKNOWN
