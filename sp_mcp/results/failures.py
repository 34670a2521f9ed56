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
    Throttled,
    Unreachable,
    WaitTooLong,
)
from sp_mcp.operation import Operation
from sp_mcp.outcome import Outcome
from sp_mcp.request.arguments import InvalidArguments

NOTHING_SENT = "Nothing was sent to Amazon."


def of_arguments(tool: str, error: InvalidArguments, *, done: str = NOTHING_SENT) -> str:
    """All that is wrong with the arguments, a line each. `done` says what was done before that was found out."""
    return "\n".join([f"{tool} was not called: correct these arguments and call again. {done}".rstrip(), *error.lines])


def of_amazon(operation: Operation, error: SellingPartnerError, *, change: str | None = None) -> str:
    """One failure of a call to Amazon. `change` is its id in the ledger, if it is recorded there."""
    said = f" Amazon says: {'; '.join(str(detail).rstrip('.') for detail in error.errors)}." if error.errors else ""
    request_id = f" Request id {error.request_id}." if error.request_id else ""
    parts = [
        f"{error.reason}{said}{request_id}",
        _what_was_done(operation, error, change),
        _next_step(operation, error),
    ]
    return " ".join(part for part in parts if part)


def of_bug(error: BaseException, done: str) -> str:
    """A fault of this program. Only its kind is named: its text could hold the caller's data.

    `done` says what was done before it.
    """
    return f"sp-mcp has an internal fault ({type(error).__name__}). {done}"


def how_to_check(operation: Operation) -> str:
    """How a reader finds out what became of a change, or why nobody can."""
    reconciliation = operation.reconciliation
    if reconciliation is None or operation.outcome_note:
        return operation.outcome_note
    minutes = reconciliation.final_after / 60
    return (
        f"Before you repeat this call, call {reconciliation.tool} to see whether it took effect. If that shows "
        f"nothing yet, look again {minutes:.0f} minutes after this call before you conclude that it failed."
    )


def _what_was_done(operation: Operation, error: SellingPartnerError, change: str | None) -> str:
    if isinstance(error, NotSent):
        return "An earlier attempt was not carried out; nothing was changed." if error.refused_before else NOTHING_SENT
    if error.outcome is Outcome.UNKNOWN:
        return _unknown(operation, change)
    if isinstance(error, Throttled):
        return "Amazon did not carry it out."
    return "Nothing was changed." if operation.changes else ""


def _unknown(operation: Operation, change: str | None) -> str:
    if not operation.changes:
        return (
            "The request was sent once. Whether Amazon made what was asked for is unknown; nothing else of the "
            "account was changed, so the same call can be made again."
        )
    recorded = f" It is recorded as change {change}." if change else ""
    return (
        "The request was sent once and will not be repeated by itself. Whether it took effect is unknown. "
        f"{how_to_check(operation)}{recorded}"
    )


def _next_step(operation: Operation, error: SellingPartnerError) -> str:
    match error:
        case WaitTooLong():
            return f"You can make the same call again in {error.seconds:.0f} s."
        case Throttled():
            return "Another program uses the account's quota too; try again in a minute or two."
        case Unreachable():
            return "Check the network of this machine, then call again."
        case QuotaUnavailable():
            return "Reads still work. Changes can be sent again as soon as the shared quota is back."
        case NotRecorded():
            return error.remedy
        case OutcomeUnknown():
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
