"""Getting consent for one call, and having it recorded with the change that it is for.

Three ways (docs/architecture.md#consent): the host asks and repeats the call with the answer (protocol 2026-07-28); the
host is sent a request while the call waits (earlier protocols); or, where the host cannot ask, a single-use
code bound to the arguments. Closed by default: whatever is not a clear yes sends nothing.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sp_mcp.amazon.errors import NotRecorded
from sp_mcp.consent.host import Ask, Asked, Host, HostReply
from sp_mcp.consent.question_text import QuestionWriter
from sp_mcp.ledger.consent_tokens import LIFETIME, InvalidToken
from sp_mcp.ledger.entry import ConsentBy, Earlier, Intent
from sp_mcp.question import Question
from sp_mcp.results.failures import NOTHING_SENT
from sp_mcp.settings import Confirm

if TYPE_CHECKING:
    from sp_mcp.ledger.ledger import Ledger
    from sp_mcp.ledger.pending import PendingChange
    from sp_mcp.operation import Operation

log = logging.getLogger(__name__)

QUICK = 1.0
"""Seconds within which no person reads and answers a question."""


@dataclass(frozen=True)
class Consented:
    """Go ahead, once; `change` is what was recorded, and to be closed."""

    change: PendingChange


@dataclass(frozen=True)
class NotConsented:
    """Stop; `text` says why and what to do."""

    text: str


@dataclass(frozen=True)
class Preview:
    """The host cannot ask: show `text`, which holds `question` and `code`."""

    text: str = field(repr=False)
    question: str = field(repr=False)
    code: str = field(repr=False)


@dataclass(frozen=True)
class ElicitationRequired:
    """Let the host put `asked` before a person and repeat the call with `state`."""

    asked: Asked
    state: str = field(repr=False)


Decision = Consented | NotConsented | Preview | ElicitationRequired


class Confirmation:
    """Gets consent for calls on one account. `by` is how consent is given where a person is asked."""

    def __init__(
        self, *, setting: Confirm, ledger: Ledger, writer: QuestionWriter, by: ConsentBy = ConsentBy.HOST
    ) -> None:
        self._setting = setting
        self._ledger = ledger
        self._writer = writer
        self._by = by

    async def decide(
        self, operation: Operation, intent: Intent, question: Question, code: str | None, host: Host
    ) -> Decision:
        """Get consent for `intent`, or find out that there is none.

        `question` is what a person is asked; `code` what the call brought as confirmation code. A consent that is
        given is spent, and the change is recorded, when this returns. Raises NotRecorded.
        """
        if self._setting == "dangerously-unasked" and code is None:
            return await self._unasked(operation, intent, question)
        if self._setting in ("code", "dangerously-unasked") or (self._setting == "auto" and not host.can_ask):
            return await self._by_code(operation, intent, question, code)
        if host.repeats:
            return await self._by_repeating(operation, intent, question, host)
        if host.ask is not None:
            return await self._by_asking(operation, intent, question, host.ask)
        log.warning(
            "This host cannot ask a person, and SP_MCP_CONFIRM=person allows no other way. With SP_MCP_CONFIRM=auto a "
            "single-use code takes the place of the question."
        )
        return NotConsented(
            f"{NOTHING_SENT} This change needs a person's consent, and this host cannot ask for it. Do not call again. "
            "Tell the person: what they can do stands in the documentation under “How consent works”."
        )

    async def _by_asking(self, operation: Operation, intent: Intent, question: Question, ask: Ask) -> Decision:
        issued = await self._ledger.issue(intent)
        reply = await ask(self._writer.write(operation, question, issued.earlier))
        return await self._read_reply(intent, issued.secret, reply)

    async def _by_repeating(self, operation: Operation, intent: Intent, question: Question, host: Host) -> Decision:
        if host.state is None:
            # An answer without the state of a question is nobody's answer: ask.
            issued = await self._ledger.issue(intent)
            return ElicitationRequired(self._writer.write(operation, question, issued.earlier), issued.secret)
        return await self._read_reply(intent, host.state, host.reply or HostReply("unreadable"))

    async def _read_reply(self, intent: Intent, secret: str, reply: HostReply) -> Decision:
        """What an answer to the question that `secret` stands for comes to; spends it in any case."""
        if reply.action != "accept" or not reply.ticked:
            try:
                age = await self._ledger.withdraw(secret, intent)
            except NotRecorded:
                age = None
            return NotConsented(_why_not(reply, age))
        begun = await self._ledger.begin(intent, self._by, secret)
        if begun is InvalidToken.EXPIRED:
            return NotConsented(
                f"{NOTHING_SENT} The answer came more than {LIFETIME / 60:.0f} minutes after the question. "
                "Call again, and the person is asked anew."
            )
        if begun is InvalidToken.UNKNOWN:
            return NotConsented(
                f"{NOTHING_SENT} This answer was used already or belongs to another call; each one is good for a "
                "single send. Call again, and the person is asked anew."
            )
        return self._begun(begun)

    async def _by_code(self, operation: Operation, intent: Intent, question: Question, code: str | None) -> Decision:
        if code is None:
            return await self._preview(operation, intent, question)
        begun = await self._ledger.begin(intent, ConsentBy.CODE, code)
        if isinstance(begun, InvalidToken):
            return NotConsented(
                f"{NOTHING_SENT} The confirmation code {begun.value}. A code works once, within "
                f"{LIFETIME / 60:.0f} minutes, for exactly the arguments it was shown with. Call without "
                "confirmationCode for a new preview."
            )
        return self._begun(begun)

    async def _unasked(self, operation: Operation, intent: Intent, question: Question) -> Decision:
        begun = await self._ledger.begin(intent, ConsentBy.UNASKED)
        if isinstance(begun, Earlier | InvalidToken):
            # What runs unasked once must not run twice by accident.
            return await self._preview(operation, intent, question)
        return Consented(begun)

    async def _preview(self, operation: Operation, intent: Intent, question: Question) -> Preview:
        issued = await self._ledger.issue(intent)
        asked = self._writer.write(operation, question, issued.earlier).text
        return Preview(
            f"{NOTHING_SENT} This is a preview of what {operation.name} would do:\n\n{asked}\n\n"
            "Stop here. Show the person the text above word for word and wait for their answer. Only if they say yes, "
            f'make the same call with confirmationCode "{issued.secret}", which carries it out. The code works once, '
            f"within {LIFETIME / 60:.0f} minutes.",
            asked,
            issued.secret,
        )

    def _begun(self, begun: PendingChange | Earlier) -> Consented | NotConsented:
        if isinstance(begun, Earlier):
            return NotConsented(
                f"{NOTHING_SENT} {self._writer.what_was(begun)} The approval was given without knowing of that. Call "
                "again, and the person is asked whether to do it once more."
            )
        return Consented(begun)


def _why_not(reply: HostReply, seconds: float | None) -> str:
    """Why an answer that came after `seconds` is no consent."""
    if reply.action == "accept":
        return f"{NOTHING_SENT} The form came back without the box ticked, which is no consent."
    if reply.action != "unreadable" and seconds is not None and seconds < QUICK:
        log.warning(
            "The host answered a question within a second, so probably it asked nobody. With SP_MCP_CONFIRM=code a "
            "single-use code takes the place of the question."
        )
        return (
            f"{NOTHING_SENT} The host answered no. Do not call again unless the person asks for it. If they saw no "
            "question, they find what to do in the documentation under “How consent works”."
        )
    said = {
        "decline": "The person declined.",
        "cancel": "The question was closed without an answer.",
        "unreadable": "No readable answer came back from the host.",
    }[reply.action]
    return f"{NOTHING_SENT} {said}"
