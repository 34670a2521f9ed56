"""Prompts that a person can pick in the host. Each is the request for a whole job."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import mcp_types as types

from sp_mcp.text import shown

_LONGEST = 3000
"""Most characters of one argument. A message to a buyer has at most 2000."""

_ID = r"[\w-]{1,50}"


@dataclass(frozen=True)
class Argument:
    """An argument that a person fills in. `pattern` is the regular expression of its form, None for free text.

    `values` names the completions to offer: marketplaces, orders or handovers.
    """

    name: str
    description: str
    required: bool = False
    values: str | None = None
    pattern: str | None = None


@dataclass(frozen=True)
class Prompt:
    """A prompt. It is listed if all `apis` are switched on. `write` turns the filled-in arguments into the request.

    `changes` is whether the job needs tools that change something.
    """

    name: str
    title: str
    description: str
    apis: frozenset[str]
    arguments: tuple[Argument, ...]
    write: Callable[[Mapping[str, str]], str]
    changes: bool = True

    def definition(self) -> types.Prompt:
        """Returns the prompt as `prompts/list` shows it."""
        return types.Prompt(
            name=self.name,
            title=self.title,
            description=self.description,
            arguments=[
                types.PromptArgument(name=a.name, description=a.description, required=a.required)
                for a in self.arguments
            ],
        )


class ArgumentsWrong(Exception):
    """The arguments of a prompt are not valid. The text says which one and why."""


def request(prompt: Prompt, given: Mapping[str, str]) -> str:
    """Returns the text of a prompt with the given arguments. Raises ArgumentsWrong."""
    known = {argument.name for argument in prompt.arguments}
    if strange := sorted(set(given) - known):
        raise ArgumentsWrong(f"{prompt.name} has no argument {shown(strange[0])}; it has {', '.join(sorted(known))}.")
    filled = {name: value.strip() for name, value in given.items() if value.strip()}
    missing = [argument.name for argument in prompt.arguments if argument.required and argument.name not in filled]
    if missing:
        raise ArgumentsWrong(f"{prompt.name} needs {', '.join(missing)}.")
    for argument in prompt.arguments:
        value = filled.get(argument.name, "")
        if len(value) > _LONGEST:
            raise ArgumentsWrong(f"{argument.name} is too long: {len(value)} characters of {_LONGEST}.")
        if (
            argument.pattern is not None
            and value
            and not re.fullmatch(argument.pattern, value, re.ASCII | re.IGNORECASE)
        ):
            raise ArgumentsWrong(f"{argument.name} does not have the right form: {argument.description}.")
    return prompt.write(filled)


def available(apis: Iterable[str], *, read_only: bool) -> list[Prompt]:
    """Returns the prompts whose tools are listed."""
    return [prompt for prompt in PROMPTS if prompt.apis <= set(apis) and not (read_only and prompt.changes)]


def _schedule(given: Mapping[str, str]) -> str:
    where = f" in marketplace {given['marketplaceId']}" if "marketplaceId" in given else ""
    how = {"PICKUP": "a pickup", "DROPOFF": "a drop-off"}.get(given.get("handoverMethod", "").upper(), "a handover")
    when = given.get("when", "at the earliest possible time")
    return (
        f"Book {how} with Easy Ship for every order{where} that waits to be scheduled, {when}, and get me the labels.\n"
        "Find the orders of the last two weeks with orders_search_orders: `fulfillmentStatuses` UNSHIPPED, "
        "`includedData` PACKAGES and FULFILLMENT. An order waits if it has AMAZON_EASY_SHIP in `programs` and a "
        "package with PENDING_SCHEDULE. If you do not know the size or weight of a parcel, ask me. List the slots of "
        "each order. If no slot fits what I said, tell me which slot you take. Book each order once. Then fetch the "
        "documents with easy_ship_get_documents. Tell me where the files are, which orders were not booked, and why."
    )


def _answer(given: Mapping[str, str]) -> str:
    order = given["orderId"]
    files = (
        f"\nAttach this file, uploaded first with messaging_upload_attachment: {given['file']}"
        if "file" in given
        else ""
    )
    return (
        f"Write to the buyer of order {order} and tell them this: {given['message']}{files}\n"
        "Call messaging_get_messaging_actions_for_order to see which kinds of message Amazon permits now, and use the "
        "kind that fits. Write in the language that messaging_get_attributes shows. orders_get_order shows the order's "
        "marketplace. If no permitted kind fits, or the kind that fits takes no file, tell me before you send anything."
    )


def _acknowledge(given: Mapping[str, str]) -> str:
    vendor = f" of vendor code {given['vendorCode']}" if "vendorCode" in given else ""
    out = f"\nWe cannot deliver everything: {given['outOfStock']}" if "outOfStock" in given else ""
    return (
        f"Acknowledge all new purchase orders{vendor}.{out}\n"
        "List them with vendor_orders_collect_purchase_orders and `purchaseOrderState` New. Accept every line in full "
        "unless I said otherwise. Answer every line of an order, because Amazon counts a missing line as rejected. If "
        "I said that we deliver a line later, backorder it with the date I gave, but only if its `isBackOrderAllowed` "
        "is true. Otherwise ask me before you reject a line, because a rejected line stays rejected. Copy quantities, "
        "identifiers and `netCost` from the order. Tell me how you answered each line. "
        "vendor_orders_follow_acknowledgement shows some minutes later whether the acknowledgement took effect."
    )


def _follow_up(_: Mapping[str, str]) -> str:
    return (
        "Find our changes whose outcome is unknown, and find out what became of them.\n"
        "List them with sp_mcp_list_changes and `unsettled` true; `shownBy` names the tool to call to find out the "
        "outcome. Only read, and do not repeat any change. Tell me for each change whether it happened, did not "
        "happen, or is still unknown, and what you would do next."
    )


PROMPTS = (
    Prompt(
        "schedule_easy_ship_orders",
        "Schedule Easy Ship orders",
        "Books a handover for every Easy Ship order that waits to be scheduled, and fetches the labels.",
        frozenset({"orders", "easy_ship"}),
        (
            Argument(
                "marketplaceId", "Marketplace id, such as A21TJRUUN4KGV (India)", values="marketplaces", pattern=_ID
            ),
            Argument(
                "handoverMethod",
                "PICKUP or DROPOFF; leave empty for either",
                values="handovers",
                pattern="PICKUP|DROPOFF",
            ),
            Argument("when", "Time of the handover, in your words; default the earliest"),
        ),
        _schedule,
    ),
    Prompt(
        "answer_buyer",
        "Answer a buyer",
        "Writes to the buyer of an order, in their language and with a kind of message that Amazon permits.",
        frozenset({"orders", "messaging"}),
        (
            Argument("orderId", "Amazon order id", required=True, values="orders", pattern=_ID),
            Argument("message", "What to tell the buyer, in your words", required=True),
            Argument("file", "Path of a file to attach"),
        ),
        _answer,
    ),
    Prompt(
        "acknowledge_purchase_orders",
        "Acknowledge purchase orders",
        "Acknowledges all new purchase orders of a vendor, line by line.",
        frozenset({"vendor_orders"}),
        (
            Argument("vendorCode", "Only orders of this vendor code", pattern=_ID),
            Argument("outOfStock", "Products you cannot deliver, or only later, in your words"),
        ),
        _acknowledge,
    ),
    Prompt(
        "follow_up_changes",
        "Follow up on unsettled changes",
        "Finds out what became of changes whose outcome is unknown.",
        frozenset(),
        (),
        _follow_up,
        changes=False,
    ),
)
