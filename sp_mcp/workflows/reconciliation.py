"""Finds out what became of a change with unknown outcome, by reading its effect at Amazon."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sp_mcp.amazon.client import SellingPartner
from sp_mcp.amazon.errors import NotSent, Refused, SellingPartnerError
from sp_mcp.clock import Clock
from sp_mcp.ledger.entry import Entry, Resolution
from sp_mcp.operation import Operation, Probe, Reconciliation
from sp_mcp.outcome import Outcome
from sp_mcp.request.arguments import InvalidArguments, read
from sp_mcp.text import counted

_UNDER_WAY = 120.0
"""Seconds after which a sent change is no longer in progress, even if its process was killed."""


@dataclass(frozen=True)
class Finding:
    """What was found out. `resolution` is None if the outcome is still unknown; `words` says the finding to people."""

    resolution: Resolution | None
    words: str


async def find_out(
    entry: Entry, others: Iterable[Entry], operations: Mapping[str, Operation], client: SellingPartner, clock: Clock
) -> Finding:
    """Returns what Amazon shows about `entry`, a change whose outcome is unknown. Only reads.

    `others` are changes of the account that may have caused the same effect. Raises NotSent if the read cannot be sent.
    """
    operation = operations.get(entry.operation)
    reconciliation = operation.reconciliation if operation else None
    if operation is None or reconciliation is None:
        return Finding(
            None, operation.outcome_note if operation else "This version of sp-mcp does not have the operation."
        )
    age = clock.now().timestamp() - (entry.left_at or entry.at)
    if entry.completed_at is None and age < _UNDER_WAY:
        return Finding(None, "It may still be in progress.")
    rivals = [other.id for other in others if _could_have_done_it(other, entry)]
    reader = operations.get(reconciliation.tool)
    if reader is None:
        return Finding(None, f"Only {reconciliation.tool} shows it, which this version of sp-mcp does not have.")
    try:
        shown = [
            await _probe(probe, reader, reconciliation, client) for probe in reconciliation.probes(entry.arguments)
        ]
    except NotSent:
        raise
    except SellingPartnerError as error:
        said = "; ".join(str(detail).rstrip(".") for detail in error.errors)
        parts = [
            f"{reconciliation.tool} could not be read: {error.reason}",
            f"{said}." if said else "",
            operation.outcome_note,
        ]
        return Finding(None, " ".join(filter(None, parts)))
    except (KeyError, TypeError, AttributeError, ValueError, InvalidArguments):
        return Finding(None, "The recorded arguments are not enough to find out what became of it.")
    finding = _conclude(shown, age, reconciliation)
    if finding.resolution in (Resolution.HAPPENED, Resolution.PARTLY) and rivals:
        return Finding(None, f"Amazon shows its effect, but change {rivals[0]} of the same order may have caused that.")
    return finding


def _could_have_done_it(other: Entry, entry: Entry) -> bool:
    """Whether `other`, by the same operation and about the same order, may have caused the effect of `entry`."""
    return (
        other.id != entry.id
        and other.operation == entry.operation
        and other.outcome in (Outcome.SENT, Outcome.UNKNOWN)
        and other.resolution is not Resolution.DID_NOT
        and bool(set(other.subjects) & set(entry.subjects))
    )


async def _probe(
    probe: Probe, reader: Operation, reconciliation: Reconciliation, client: SellingPartner
) -> bool | None:
    wire = read(reader.request, probe.arguments, defaults={}).wire
    try:
        answer = await client.send(reader.to_request(wire))
    except Refused as error:
        if reconciliation.absent & set(error.codes):
            return False
        raise
    body = reader.read_answer(answer.body)
    return None if body is None else probe.shows(body)


def _conclude(shown: list[bool | None], age: float, reconciliation: Reconciliation) -> Finding:
    yes, no = shown.count(True), shown.count(False)
    if yes and yes == len(shown):
        return Finding(Resolution.HAPPENED, "It took effect.")
    if age < reconciliation.final_after:
        left = math.ceil((reconciliation.final_after - age) / 60)
        seen = f"Amazon shows {yes} of {len(shown)} parts so far" if yes else "Amazon does not show it yet"
        return Finding(None, f"{seen}. It can still take effect; check again in {counted(left, 'minute')}.")
    if not shown or None in shown:
        return Finding(None, f"{reconciliation.tool} does not show whether it took effect; a person should check.")
    if no == len(shown):
        return Finding(Resolution.DID_NOT, "It did not take effect.")
    return Finding(Resolution.PARTLY, f"Part of it took effect: {yes} of {len(shown)}.")
