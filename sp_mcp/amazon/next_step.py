"""Decides what to do after one attempt of a call. Only decides: the client sends and waits.

a success                                       Succeed
429                                             WaitForQuota: Amazon did not execute it
401 or 403 that names an expired token, once    SignInAgain: Amazon did not execute it
no connection                                   TryAgain while there is time: nothing was written
an unusable answer, or none                     TryAgain while there is time, if the call may be repeated
everything else                                 Fail, with the error that says what became of the call
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sp_mcp.amazon.answers import ParsedReply
from sp_mcp.amazon.errors import (
    ErrorDetail,
    Forbidden,
    OutcomeUnknown,
    ReadFailed,
    Refused,
    SellingPartnerError,
    Unreachable,
)
from sp_mcp.amazon.http import AnswerTooLong, NoAnswer, NoConnection
from sp_mcp.endpoint import Effect, Endpoint

Event = ParsedReply | NoAnswer | NoConnection
"""The result of one attempt: a reply, or the error that prevented one."""


@dataclass(frozen=True)
class Succeed:
    """Return the answer: Amazon carried out the call. `body` is that of its success."""

    body: dict[str, Any]


@dataclass(frozen=True)
class WaitForQuota:
    """Take another turn once the pause is over. `seconds` is Amazon's Retry-After, if it sent one."""

    seconds: float | None


@dataclass(frozen=True)
class SignInAgain:
    """Drop the token, get another and send again."""


@dataclass(frozen=True)
class TryAgain:
    """Send again after a pause that grows with each attempt.

    `may_be_executed` is False if Amazon cannot have seen the call.
    """

    may_be_executed: bool


@dataclass(frozen=True)
class Fail:
    """Give up with this error."""

    error: SellingPartnerError


Step = Succeed | WaitForQuota | SignInAgain | TryAgain | Fail


def next_step(endpoint: Endpoint, event: Event, *, attempts: int, time_left: bool, renewed_token: bool) -> Step:
    """Returns what to do after `event`.

    `attempts` counts the attempts so far, this one included. `time_left` is whether another one may be made.
    `renewed_token` is whether this call has signed in again already.
    """
    if isinstance(event, NoConnection):
        if time_left:
            return TryAgain(may_be_executed=False)
        return Fail(Unreachable(f"Amazon could not be reached: {event}."))
    if isinstance(event, NoAnswer):
        if not endpoint.may_repeat:
            return Fail(OutcomeUnknown(_sentence(str(event))))
        if time_left and not isinstance(event, AnswerTooLong):
            return TryAgain(may_be_executed=True)
        return Fail(ReadFailed(_sentence(str(event)), attempts=attempts))
    body = event.success_of(endpoint)
    if body is not None:
        return Succeed(body)
    if event.status == 429:
        return WaitForQuota(event.retry_after)
    if event.status in (401, 403) and not renewed_token and _names_expiry(event.errors):
        return SignInAgain()
    if not event.is_usable and endpoint.may_repeat and time_left:
        return TryAgain(may_be_executed=True)
    return Fail(_failure(endpoint, event, attempts))


def _failure(endpoint: Endpoint, reply: ParsedReply, attempts: int) -> SellingPartnerError:
    status = reply.status
    if status in (401, 403):
        return _error(Forbidden, f"Amazon answered {status}.", reply)
    said_no = 400 <= status < 500 or (200 <= status < 300 and endpoint.effect is not Effect.CHANGES)
    if said_no and reply.is_usable:
        return _error(Refused, f"Amazon answered {status}.", reply)
    reason = f"Amazon answered {status}." if reply.errors else f"Amazon answered with {reply.describe()}."
    if not endpoint.may_repeat:
        return _error(OutcomeUnknown, reason, reply)
    return ReadFailed(reason, attempts=attempts, status=status, request_id=reply.request_id, errors=reply.errors)


def _error(kind: type[Refused | OutcomeUnknown], reason: str, reply: ParsedReply) -> SellingPartnerError:
    return kind(reason, status=reply.status, request_id=reply.request_id, errors=reply.errors)


def _names_expiry(errors: tuple[ErrorDetail, ...]) -> bool:
    return any("expired" in f"{error.message} {error.details}".lower() for error in errors)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."
