"""What can go wrong between this program and Amazon, as types.

    SellingPartnerError
    ├── NotSent                     the request did not leave; nothing happened
    │   ├── WaitTooLong             no turn in the quota within the longest wait
    │   ├── QuotaUnavailable        a change, and the quota shared with others cannot be reached
    │   ├── SignInFailed            Login with Amazon refused or could not be reached
    │   ├── Unreachable             no connection
    │   ├── NotRecorded             a change that could not be written down first
    │   └── ShuttingDown            the program is ending
    ├── Refused                     Amazon answered no (4xx, or errors in the body); nothing was done
    │   ├── Forbidden               401 or 403: token, role, region or account
    │   └── Throttled               429 until the longest wait was used up
    ├── ReadFailed                  a read got no usable answer, after retries; nothing was changed by it
    └── OutcomeUnknown              a change left and no usable answer came: it may or may not have happened

    TransferFailed                  a file did not reach Amazon's storage, or did not come from there

Every one says what was sent. None carries a token, a secret or the request's own content.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


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
    """

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
    """The request did not leave this machine.

    `refused_before` is true where an earlier attempt of the same call did leave, and was not carried out.
    """

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
    """The quota that is shared with others cannot be reached, and a change is not sent without it."""


class SignInFailed(NotSent):
    """Login with Amazon gave no token, or Amazon no restricted one."""

    def again(self) -> SignInFailed:
        """The same failure for another caller."""
        return SignInFailed(self.reason, status=self.status, request_id=self.request_id, errors=self.errors)


class Unreachable(NotSent):
    """No connection could be made, so nothing was written to it."""


class NotRecorded(NotSent):
    """A change could not be written down, so it was not sent. `remedy` says whose move it is."""

    def __init__(self, reason: str, *, remedy: str) -> None:
        super().__init__(reason)
        self.remedy = remedy


class ShuttingDown(NotSent):
    """The program is ending and starts no new requests."""


class Refused(SellingPartnerError):
    """Amazon answered that it will not do this."""


class Forbidden(Refused):
    """Amazon answered 401 or 403."""


class Throttled(Refused):
    """Amazon went on answering 429 until the longest wait was used up; the request was not executed."""


class ReadFailed(SellingPartnerError):
    """A read brought no usable answer in `attempts` tries. Reads change nothing, so it can be tried again."""

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
    """A file could not be brought to Amazon's storage or from there. The text is for the caller, and holds no URL."""


class OutcomeUnknown(SellingPartnerError):
    """A change left this machine and no usable answer came back. It was sent once and is not repeated."""
