"""Failures as text: what happened, whether anything was sent, and whose move it is."""

from __future__ import annotations

from sp_mcp.amazon.errors import (
    Forbidden,
    NotRecorded,
    NotSent,
    OutcomeUnknown,
    QuotaUnavailable,
    ReadFailed,
    Refused,
    SellingPartnerError,
    ShuttingDown,
    SignInFailed,
    Throttled,
    Unreachable,
    WaitTooLong,
)
from sp_mcp.arguments import InvalidArguments
from sp_mcp.confirmation import NOTHING_SENT
from sp_mcp.operation import Operation


def of_arguments(tool: str, error: InvalidArguments, *, done: str = NOTHING_SENT) -> str:
    """All that is wrong with the arguments, a line each."""
    return "\n".join([f"{tool} was not called: the arguments need correcting. {done}".rstrip(), *error.lines])


def of_amazon(operation: Operation, error: SellingPartnerError, *, change: str | None = None) -> str:
    """One failure of a call to Amazon; `change` is what it is called in the ledger, if it is there."""
    said = f" Amazon says: {'; '.join(str(detail).rstrip('.') for detail in error.errors)}." if error.errors else ""
    trace = f" Request id {error.request_id}." if error.request_id else ""
    parts = [f"{error.reason}{said}{trace}", _what_was_done(operation, error, change), _next_step(operation, error)]
    return " ".join(part for part in parts if part)


def of_bug(error: BaseException, done: str) -> str:
    """A fault of this program. Only the kind of it is told: its text could hold the caller's data.

    `done` says what was done before it.
    """
    return f"sp-mcp has an internal fault ({type(error).__name__}). {done}"


def _what_was_done(operation: Operation, error: SellingPartnerError, change: str | None) -> str:
    if isinstance(error, NotSent):
        return "An earlier attempt was not carried out; nothing was changed." if error.refused_before else NOTHING_SENT
    if isinstance(error, OutcomeUnknown):
        return (
            "The request had left; it was sent once and will not be repeated by itself. Whether it took effect is "
            f"unknown. {see_outcome(operation)}{f' It is recorded as change {change}.' if change else ''}"
        )
    if isinstance(error, Throttled):
        return "Amazon did not carry it out."
    return "Nothing was changed." if operation.changes else ""


def see_outcome(operation: Operation) -> str:
    """How to find out what became of a change."""
    if operation.settling is None or operation.outcome_note:
        return operation.outcome_note
    return (
        f"{operation.settling.tool} shows whether it took effect; look before anybody repeats the call. Until "
        f"{operation.settling.patience / 60:.0f} minutes have passed, seeing nothing of it proves nothing."
    )


def _next_step(operation: Operation, error: SellingPartnerError) -> str:
    match error:
        case WaitTooLong():
            return f"The same call can go in {error.seconds:.0f} s."
        case Throttled():
            return "The account's quota is in use elsewhere too; try again in a minute or two."
        case Unreachable():
            return "Check the network of this machine, then call again."
        case QuotaUnavailable():
            return "Reads go on; changes go again as soon as it is back."
        case NotRecorded():
            return error.remedy
        case SignInFailed() | ShuttingDown():
            return ""
        case ReadFailed():
            if error.attempts > 1:
                return f"It was tried {error.attempts} times; call again later."
            # Without a status there was an answer that is too long to be read.
            return "" if error.status else "Asking for less may help: a narrower filter or a smaller page."
        case Forbidden():
            return _advice(operation, error) or (
                f"Likely causes: the application or the account lacks {operation.role}; the refresh token is for "
                "another region than SP_API_REGION; or a role was added and the account has not authorised the "
                "application again since."
            )
        case Refused():
            return _advice(operation, error)
        case _:
            return ""


def _advice(operation: Operation, error: SellingPartnerError) -> str:
    return " ".join(dict.fromkeys(operation.advice[code] for code in error.codes if code in operation.advice))
