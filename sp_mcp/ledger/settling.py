"""Finding out what became of a change whose outcome is unknown, by reading it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sp_mcp.amazon.client import SellingPartner
from sp_mcp.amazon.errors import Refused, SellingPartnerError
from sp_mcp.arguments import InvalidArguments, read
from sp_mcp.clock import Clock
from sp_mcp.ledger.entry import Entry, Verdict
from sp_mcp.operation import Look, Operation, Settling


@dataclass(frozen=True)
class Finding:
    """What was found out, and in words; without a verdict it still cannot be told."""

    verdict: Verdict | None
    words: str


async def find_out(entry: Entry, operations: Mapping[str, Operation], client: SellingPartner, clock: Clock) -> Finding:
    """Look at Amazon for what became of `entry`. Reads only; never raises for what Amazon does."""
    operation = operations.get(entry.operation)
    settling = operation.settling if operation else None
    if operation is None or settling is None:
        return Finding(None, operation.outcome_note if operation else "This version does not know the operation.")
    reader = operations.get(settling.tool)
    if reader is None:
        return Finding(None, f"{settling.tool} would show it, and is not there.")
    try:
        shown = [await _look(look, reader, settling, client) for look in settling.looks(entry.arguments)]
    except SellingPartnerError as error:
        said = "; ".join(str(detail) for detail in error.errors)
        note = f" {operation.outcome_note}" if operation.outcome_note else ""
        return Finding(None, f"{settling.tool} could not be read: {error.reason}{f' {said}.' if said else ''}{note}")
    except (KeyError, TypeError, AttributeError, InvalidArguments):
        return Finding(None, "What was recorded of its arguments is not enough to look for it.")
    age = clock.now().timestamp() - (entry.left_at or entry.at)
    return _conclude(shown, age, settling)


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
    if not shown or None in shown:
        return Finding(None, f"{settling.tool} shows something else than what was sent; a person should look.")
    if yes == len(shown):
        return Finding(Verdict.HAPPENED, "It took effect.")
    if age < settling.patience:
        left = (settling.patience - age) / 60
        return Finding(None, f"Not to be seen yet, and it may still come; look again in {left:.0f} minutes.")
    if no == len(shown):
        return Finding(Verdict.DID_NOT, "It did not take effect.")
    return Finding(Verdict.PARTLY, f"Part of it took effect: {yes} of {len(shown)}.")
