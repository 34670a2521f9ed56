"""Consent: before anything changes, a person is asked about exactly this call.

Three ways (DESIGN section 5): the host asks and repeats the call with the answer (protocol 2026-07-28); the
host is sent a request while the call waits (earlier protocols); or, where the host cannot ask, a single-use
code bound to the arguments. Closed by default: whatever is not a clear yes sends nothing. Knows nothing of HTTP.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sp_mcp.amazon.regions import Environment, marketplace_name
from sp_mcp.consents import LIFETIME, Consents, Validity
from sp_mcp.settings import Confirm
from sp_mcp.team import TeamUnavailable
from sp_mcp.wording import Question

if TYPE_CHECKING:
    from sp_mcp.operation import Operation

ANSWER_FIELD = "confirm"
NOTHING_SENT = "Nothing was sent to Amazon."

QUICK = 1.0
"""Seconds within which no person reads and answers a question."""

ANSWER_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        ANSWER_FIELD: {
            "type": "boolean",
            "title": "Yes, do this",
            "description": "Tick to agree; leave empty to refuse.",
            "default": False,
        }
    },
    "required": [ANSWER_FIELD],
}
"""The form a person fills in: one box that is empty until they tick it."""


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


Ask = Callable[[str], Awaitable[Reply]]
"""Puts a text before a person while the call waits."""


@dataclass(frozen=True)
class Host:
    """How the other side of this call can be reached.

    `ask` is there where a request can be sent during the call. `repeats` is true where the host asks
    between two tries of the call; `state` and `reply` are then what a second try brought.
    """

    ask: Ask | None = None
    repeats: bool = False
    state: str | None = None
    reply: Reply | None = None

    @property
    def can_ask(self) -> bool:
        """Whether a person can be reached through the host."""
        return self.ask is not None or self.repeats


@dataclass(frozen=True)
class Consented:
    """Go ahead, once."""


@dataclass(frozen=True)
class NotConsented:
    """Stop; `text` tells why and what to do."""

    text: str


@dataclass(frozen=True)
class Preview:
    """The host cannot ask: show `text`, which holds `question` and `code`."""

    text: str
    question: str
    code: str


@dataclass(frozen=True)
class AskFirst:
    """Let the host put `text` before a person and repeat the call with `state`."""

    text: str
    state: str


Decision = Consented | NotConsented | Preview | AskFirst


class Confirmation:
    """Gets consent for calls on one account.

    `account` tells accounts apart; `label` and `destination` say to people whose it is and where calls go.
    """

    def __init__(
        self,
        *,
        setting: Confirm,
        consents: Consents,
        account: str,
        label: str,
        environment: Environment,
        destination: str,
    ) -> None:
        self._setting = setting
        self._consents = consents
        self._account = account
        self._label = label
        self._environment = environment
        self._destination = destination

    async def decide(
        self, operation: Operation, wire: Mapping[str, Any], question: Question, code: str | None, host: Host
    ) -> Decision:
        """Get consent for sending `wire` to `operation`, or find out that there is none.

        `question` is what a person is asked; `code` what the call brought as confirmation code. A consent
        that is given is already spent when this returns.
        """
        if self._setting == "dangerously-unasked":
            return Consented()
        binding = self._binding(operation, wire)
        try:
            if self._setting == "code" or (self._setting == "auto" and not host.can_ask):
                return await self._by_code(operation, binding, question, code)
            text = self.text(operation, question)
            if host.repeats:
                return await self._by_repeating(binding, text, host)
            if host.ask is not None:
                return await self._by_asking(binding, text, host.ask)
        except TeamUnavailable as error:
            return NotConsented(
                f"{NOTHING_SENT} {error}, where the team's consents are spent, so that none is used twice. Reads go "
                "on; call again when it is back."
            )
        return NotConsented(
            f"{NOTHING_SENT} This needs a person's consent, this host cannot ask for it, and "
            "SP_MCP_CONFIRM=person allows no other way. Use a host that can ask, or SP_MCP_CONFIRM=auto."
        )

    def text(self, operation: Operation, question: Question) -> str:
        """The question as a person reads it."""
        lines = [question.headline, *question.facts]
        if question.marketplace:
            lines.append(f"Marketplace: {marketplace_name(question.marketplace)}")
        lines += [f"Account: {self._label}", f"Goes to: {self._destination}"]
        if operation.removed:
            lines.append(f"Amazon removed this operation on {operation.removed} and will probably refuse it.")
        lines.append(question.consequence)
        return "\n".join(lines)

    def _binding(self, operation: Operation, wire: Mapping[str, Any]) -> str:
        material = json.dumps(
            [operation.name, wire, self._account, self._environment], sort_keys=True, separators=(",", ":")
        )
        return hashlib.sha256(material.encode()).hexdigest()

    async def _by_asking(self, binding: str, text: str, ask: Ask) -> Decision:
        secret = await self._consents.issue(binding)
        return await self._settle(binding, secret, await ask(text))

    async def _by_repeating(self, binding: str, text: str, host: Host) -> Decision:
        if host.state is None:
            # An answer without the state of a question is nobody's answer: ask.
            return AskFirst(text, await self._consents.issue(binding))
        return await self._settle(binding, host.state, host.reply or Reply("unreadable"))

    async def _settle(self, binding: str, secret: str, reply: Reply) -> Decision:
        """What an answer to the question that `secret` stands for comes to; spends it in any case."""
        spent = await self._consents.spend(secret, binding)
        if reply.action != "accept" or not reply.ticked:
            return NotConsented(_why_not(reply, spent.age))
        if spent.validity is Validity.GOOD:
            return Consented()
        if spent.validity is Validity.EXPIRED:
            return NotConsented(
                f"{NOTHING_SENT} The answer came more than {LIFETIME / 60:.0f} minutes after the question. "
                "Call again to ask anew."
            )
        return NotConsented(
            f"{NOTHING_SENT} This answer was used already or belongs to another call; each one is good for a "
            "single send. Call again to ask anew."
        )

    async def _by_code(self, operation: Operation, binding: str, question: Question, code: str | None) -> Decision:
        if code is not None:
            validity = (await self._consents.spend(code, binding)).validity
            if validity is Validity.GOOD:
                return Consented()
            return NotConsented(
                f"{NOTHING_SENT} The confirmation code {validity.value}. A code works once, within "
                f"{LIFETIME / 60:.0f} minutes, for exactly the arguments it was shown with. Call without "
                "confirmationCode for a new preview."
            )
        fresh = await self._consents.issue(binding)
        asked = self.text(operation, question)
        return Preview(
            f"{NOTHING_SENT} This is a preview of what {operation.name} would do:\n\n{asked}\n\n"
            f"It needs a person's agreement. Once they have seen this and agreed, the same call with "
            f'confirmationCode "{fresh}" carries it out; the code works once, within {LIFETIME / 60:.0f} minutes.',
            asked,
            fresh,
        )


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
