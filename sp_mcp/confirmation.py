"""Consent: before anything changes, a person is asked about exactly this call.

Three ways (DESIGN section 5): the host asks and repeats the call with the answer (protocol 2026-07-28); the
host is sent a request while the call waits (earlier protocols); or, where the host cannot ask, a single-use
code bound to the arguments. Closed by default: whatever is not a clear yes sends nothing. Knows nothing of HTTP.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from sp_mcp.amazon.errors import NotRecorded
from sp_mcp.amazon.regions import marketplace_name
from sp_mcp.clock import Clock
from sp_mcp.ledger.consent import LIFETIME, Useless
from sp_mcp.ledger.entry import ConsentBy, Earlier, Intent, Outcome, moment
from sp_mcp.settings import Confirm
from sp_mcp.wording import Question, passed

if TYPE_CHECKING:
    from sp_mcp.ledger.ledger import Ledger, OpenChange
    from sp_mcp.operation import Operation

ANSWER_FIELD = "confirm"
NOTHING_SENT = "Nothing was sent to Amazon."

QUICK = 1.0
"""Seconds within which no person reads and answers a question."""


def _form(title: str) -> dict[str, Any]:
    box = {
        "type": "boolean",
        "title": title,
        "description": "Tick to agree; leave empty to refuse.",
        "default": False,
    }
    return {"type": "object", "properties": {ANSWER_FIELD: box}, "required": [ANSWER_FIELD]}


ANSWER_SCHEMA = _form("Yes, do this")
"""The form a person fills in: one box that is empty until they tick it."""

AGAIN_SCHEMA = _form("Yes, do this once more")
"""The same where it was done before."""


@dataclass(frozen=True)
class Reply:
    """What came back from the host."""

    action: Literal["accept", "decline", "cancel", "unreadable"]
    ticked: bool = False

    @classmethod
    def of(cls, action: str, content: Mapping[str, Any] | None) -> Reply:
        """Read an elicitation result; only a real `true` counts as a tick."""
        if action not in ("accept", "decline", "cancel"):
            return cls("unreadable")
        return cls(action, (content or {}).get(ANSWER_FIELD) is True)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Asked:
    """What is put before a person: a text, and the form for the answer."""

    text: str = field(repr=False)
    form: Mapping[str, Any] = field(repr=False)


Ask = Callable[[Asked], Awaitable[Reply]]
"""Puts a question before a person while the call waits."""


@dataclass(frozen=True)
class Host:
    """How the other side of this call can be reached.

    `ask` is there where a request can be sent during the call. `repeats` is true where the host asks
    between two tries of the call; `state` and `reply` are then what a second try brought.
    """

    ask: Ask | None = None
    repeats: bool = False
    state: str | None = field(default=None, repr=False)
    reply: Reply | None = None

    @property
    def can_ask(self) -> bool:
        """Whether a person can be reached through the host."""
        return self.ask is not None or self.repeats


@dataclass(frozen=True)
class Consented:
    """Go ahead, once; `change` is what was recorded, and to be closed."""

    change: OpenChange


@dataclass(frozen=True)
class NotConsented:
    """Stop; `text` tells why and what to do."""

    text: str


@dataclass(frozen=True)
class Preview:
    """The host cannot ask: show `text`, which holds `question` and `code`."""

    text: str = field(repr=False)
    question: str = field(repr=False)
    code: str = field(repr=False)


@dataclass(frozen=True)
class AskFirst:
    """Let the host put `asked` before a person and repeat the call with `state`."""

    asked: Asked
    state: str = field(repr=False)


Decision = Consented | NotConsented | Preview | AskFirst


class Confirmation:
    """Gets consent for calls on one account, and has it recorded with the change that it is for.

    `label` and `destination` say to people whose account it is and where calls go. `by` is how consent is given
    where a person is asked.
    """

    def __init__(
        self,
        *,
        setting: Confirm,
        ledger: Ledger,
        clock: Clock,
        label: str,
        destination: str,
        by: ConsentBy = ConsentBy.HOST,
    ) -> None:
        self._setting = setting
        self._ledger = ledger
        self._clock = clock
        self._label = label
        self._destination = destination
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
        return NotConsented(
            f"{NOTHING_SENT} This needs a person's consent, this host cannot ask for it, and "
            "SP_MCP_CONFIRM=person allows no other way. Use a host that can ask, or SP_MCP_CONFIRM=auto."
        )

    def _asked(self, operation: Operation, question: Question, earlier: Earlier | None) -> Asked:
        """The question as a person reads it."""
        lines = [self._already(earlier)] if earlier else []
        lines += [question.headline, *question.facts]
        if question.marketplace:
            lines.append(f"Marketplace: {marketplace_name(question.marketplace)}")
        lines += [f"Account: {self._label}", f"Goes to: {self._destination}"]
        if operation.removed:
            lines.append(f"Amazon removed this operation on {operation.removed} and will probably refuse it.")
        lines.append(question.consequence)
        return Asked("\n".join(lines), AGAIN_SCHEMA if earlier else ANSWER_SCHEMA)

    def _already(self, earlier: Earlier) -> str:
        """What a person must know before the same is done again."""
        again = "sends it once more" if earlier.outcome is Outcome.SENT else "may do it twice"
        return f"{self._what_was(earlier)} Agreeing {again}."

    def _what_was(self, earlier: Earlier) -> str:
        when = f"{passed(self._clock.now().timestamp() - earlier.at)} ago ({moment(earlier.at)})"
        if earlier.outcome is Outcome.WAITING:
            return f"Exactly this was begun already, {when}, and may be under way still."
        became = "whether it took effect is unknown"
        if earlier.verdict is not None:
            became = str(earlier.verdict)
        elif earlier.done is not None:
            became = f"{earlier.done} done, {earlier.not_done} not"
        elif earlier.outcome is Outcome.SENT:
            became = "Amazon accepted it"
        return f"Exactly this was sent already, {when}: {became}."

    async def _by_asking(self, operation: Operation, intent: Intent, question: Question, ask: Ask) -> Decision:
        issued = await self._ledger.issue(intent)
        reply = await ask(self._asked(operation, question, issued.earlier))
        return await self._settle(intent, issued.secret, reply)

    async def _by_repeating(self, operation: Operation, intent: Intent, question: Question, host: Host) -> Decision:
        if host.state is None:
            # An answer without the state of a question is nobody's answer: ask.
            issued = await self._ledger.issue(intent)
            return AskFirst(self._asked(operation, question, issued.earlier), issued.secret)
        return await self._settle(intent, host.state, host.reply or Reply("unreadable"))

    async def _settle(self, intent: Intent, secret: str, reply: Reply) -> Decision:
        """What an answer to the question that `secret` stands for comes to; spends it in any case."""
        if reply.action != "accept" or not reply.ticked:
            try:
                age = await self._ledger.withdraw(secret, intent)
            except NotRecorded:
                age = None
            return NotConsented(_why_not(reply, age))
        begun = await self._ledger.begin(intent, self._by, secret)
        if begun is Useless.EXPIRED:
            return NotConsented(
                f"{NOTHING_SENT} The answer came more than {LIFETIME / 60:.0f} minutes after the question. "
                "Call again to ask anew."
            )
        if begun is Useless.UNKNOWN:
            return NotConsented(
                f"{NOTHING_SENT} This answer was used already or belongs to another call; each one is good for a "
                "single send. Call again to ask anew."
            )
        return self._begun(begun)

    async def _by_code(self, operation: Operation, intent: Intent, question: Question, code: str | None) -> Decision:
        if code is None:
            return await self._preview(operation, intent, question)
        begun = await self._ledger.begin(intent, ConsentBy.CODE, code)
        if isinstance(begun, Useless):
            return NotConsented(
                f"{NOTHING_SENT} The confirmation code {begun.value}. A code works once, within "
                f"{LIFETIME / 60:.0f} minutes, for exactly the arguments it was shown with. Call without "
                "confirmationCode for a new preview."
            )
        return self._begun(begun)

    async def _unasked(self, operation: Operation, intent: Intent, question: Question) -> Decision:
        begun = await self._ledger.begin(intent, ConsentBy.UNASKED)
        if isinstance(begun, Earlier | Useless):
            # What runs unasked once must not run twice by accident.
            return await self._preview(operation, intent, question)
        return Consented(begun)

    async def _preview(self, operation: Operation, intent: Intent, question: Question) -> Preview:
        issued = await self._ledger.issue(intent)
        asked = self._asked(operation, question, issued.earlier).text
        return Preview(
            f"{NOTHING_SENT} This is a preview of what {operation.name} would do:\n\n{asked}\n\n"
            f"It needs a person's agreement. Once they have seen this and agreed, the same call with "
            f'confirmationCode "{issued.secret}" carries it out; the code works once, within '
            f"{LIFETIME / 60:.0f} minutes.",
            asked,
            issued.secret,
        )

    def _begun(self, begun: OpenChange | Earlier) -> Consented | NotConsented:
        if isinstance(begun, Earlier):
            return NotConsented(
                f"{NOTHING_SENT} {self._what_was(begun)} Whoever agreed did not know of it. Call again to ask whether "
                "to do it once more."
            )
        return Consented(begun)


def _why_not(reply: Reply, seconds: float | None) -> str:
    """Why an answer that came after `seconds` is no consent."""
    if reply.action == "accept":
        return f"{NOTHING_SENT} The form came back without the box ticked, which is no consent."
    if reply.action != "unreadable" and seconds is not None and seconds < QUICK:
        return (
            f"{NOTHING_SENT} The host said no within a second, so probably it asked nobody. With SP_MCP_CONFIRM=code "
            "a code is used instead of asking."
        )
    said = {
        "decline": "The person declined.",
        "cancel": "The question was closed without an answer.",
        "unreadable": "No readable answer came back from the host.",
    }[reply.action]
    return f"{NOTHING_SENT} {said}"
