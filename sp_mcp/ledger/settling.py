"""Finding out what became of a change whose outcome is unknown, by reading it back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sp_mcp.amazon.client import SellingPartner
from sp_mcp.amazon.errors import NotSent, Refused, SellingPartnerError
from sp_mcp.arguments import InvalidArguments, read
from sp_mcp.clock import Clock
from sp_mcp.ledger.entry import Entry, Outcome, Verdict
from sp_mcp.operation import Look, Operation, Settling
from sp_mcp.wording import counted

_UNDER_WAY = 120.0
"""Seconds after which a change that has left has been answered or given up, whatever became of its process."""


@dataclass(frozen=True)
class Finding:
    """What was found out, and in words; without a verdict it still cannot be told."""

    verdict: Verdict | None
    words: str


async def find_out(
    entry: Entry, others: Iterable[Entry], operations: Mapping[str, Operation], client: SellingPartner, clock: Clock
) -> Finding:
    """Look at Amazon for what became of `entry`, among other changes of the account.

    Reads only. Raises NotSent where Amazon cannot be asked at all.
    """
    operation = operations.get(entry.operation)
    settling = operation.settling if operation else None
    if operation is None or settling is None:
        return Finding(None, operation.outcome_note if operation else "This version does not know the operation.")
    age = clock.now().timestamp() - (entry.left_at or entry.at)
    if entry.completed_at is None and age < _UNDER_WAY:
        return Finding(None, "It may be under way still.")
    rivals = [other.id for other in others if _could_have_done_it(other, entry)]
    reader = operations.get(settling.tool)
    if reader is None:
        return Finding(None, f"{settling.tool} would show it, and is not there.")
    try:
        shown = [await _look(look, reader, settling, client) for look in settling.looks(entry.arguments)]
    except NotSent:
        raise
    except SellingPartnerError as error:
        said = "; ".join(str(detail).rstrip(".") for detail in error.errors)
        told = [
            f"{settling.tool} could not be read: {error.reason}",
            f"{said}." if said else "",
            operation.outcome_note,
        ]
        return Finding(None, " ".join(filter(None, told)))
    except (KeyError, TypeError, AttributeError, ValueError, InvalidArguments):
        return Finding(None, "What was recorded of its arguments is not enough to look for it.")
    finding = _conclude(shown, age, settling)
    if finding.verdict in (Verdict.HAPPENED, Verdict.PARTLY) and rivals:
        return Finding(None, f"It is there at Amazon, but change {rivals[0]} of the same order may have done it.")
    return finding


def _could_have_done_it(other: Entry, entry: Entry) -> bool:
    """Whether another change of the same kind and about the same may be what is seen."""
    return (
        other.id != entry.id
        and other.operation == entry.operation
        and other.outcome in (Outcome.SENT, Outcome.UNKNOWN)
        and other.verdict is not Verdict.DID_NOT
        and bool(set(other.subjects) & set(entry.subjects))
    )


async def _look(look: Look, reader: Operation, settling: Settling, client: SellingPartner) -> bool | None:
    wire = read(reader.request, look.arguments, defaults={}).wire
    try:
        answer = await client.send(reader.to_request(wire))
    except Refused as error:
        if settling.absent & set(error.codes):
            return False
        raise
    body = reader.read_answer(answer.body)
    return None if body is None else look.shows(body)


def _conclude(shown: list[bool | None], age: float, settling: Settling) -> Finding:
    yes, no = shown.count(True), shown.count(False)
    if yes and yes == len(shown):
        return Finding(Verdict.HAPPENED, "It took effect.")
    if age < settling.patience:
        left = math.ceil((settling.patience - age) / 60)
        seen = f"{yes} of {len(shown)} parts are" if yes else "It is not"
        return Finding(None, f"{seen} to be seen yet, and more may come; look again in {counted(left, 'minute')}.")
    if not shown or None in shown:
        return Finding(None, f"What {settling.tool} shows does not tell; a person should look.")
    if no == len(shown):
        return Finding(Verdict.DID_NOT, "It did not take effect.")
    return Finding(Verdict.PARTLY, f"Part of it took effect: {yes} of {len(shown)}.")
