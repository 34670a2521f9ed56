"""A question as a person reads it."""

from __future__ import annotations

from dataclasses import dataclass

from sp_mcp.clock import Clock
from sp_mcp.consent.host import AGAIN_SCHEMA, ANSWER_SCHEMA, Asked
from sp_mcp.ledger.entry import Earlier, utc_text
from sp_mcp.operation import Operation
from sp_mcp.outcome import Outcome
from sp_mcp.question import Question
from sp_mcp.regions import marketplace_name
from sp_mcp.text import passed


@dataclass(frozen=True)
class QuestionWriter:
    """Writes questions about one account.

    `label` says whose account it is, and `destination` where calls go, both in words for a person.
    """

    clock: Clock
    label: str
    destination: str

    def write(self, operation: Operation, question: Question, earlier: Earlier | None) -> Asked:
        """The text and the form; `earlier` is the change that this one repeats, if it does."""
        lines = [self._repetition(earlier)] if earlier else []
        lines += [question.headline, *question.facts]
        if question.marketplace:
            lines.append(f"Marketplace: {marketplace_name(question.marketplace)}")
        lines += [f"Account: {self.label}", f"Goes to: {self.destination}"]
        if operation.removed:
            lines.append(f"Amazon removed this operation on {operation.removed} and will probably refuse it.")
        lines.append(question.consequence)
        return Asked("\n".join(lines), AGAIN_SCHEMA if earlier else ANSWER_SCHEMA)

    def what_was(self, earlier: Earlier) -> str:
        """An equal change of before: when it was sent, and what came of it."""
        when = f"{passed(self.clock.now().timestamp() - earlier.at)} ago ({utc_text(earlier.at)})"
        if earlier.outcome is Outcome.WAITING:
            return f"Exactly this was begun already, {when}, and may be under way still."
        became = "whether it took effect is unknown"
        if earlier.resolution is not None:
            became = str(earlier.resolution)
        elif earlier.done is not None:
            became = f"{earlier.done} done, {earlier.not_done} not"
        elif earlier.outcome is Outcome.SENT:
            became = "Amazon accepted it"
        return f"Exactly this was sent already, {when}: {became}."

    def _repetition(self, earlier: Earlier) -> str:
        """What a person must know before the same is done again."""
        again = "sends it once more" if earlier.outcome is Outcome.SENT else "may do it twice"
        return f"{self.what_was(earlier)} Agreeing {again}."
