"""What a person may want done, ready to be picked in the host: each prompt is the request for a whole job."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import mcp_types as types

from sp_mcp.wording import shown

_LONGEST = 3000
"""Characters of what is filled in: more than a message may have."""

_ID = r"[\w-]{1,50}"


@dataclass(frozen=True)
class Argument:
    """What a person fills in, of the form of `pattern` where it is not free words.

    `values` names what can be completed: marketplaces, orders or handovers.
    """

    name: str
    description: str
    required: bool = False
    values: str | None = None
    pattern: str | None = None


@dataclass(frozen=True)
class Prompt:
    """`apis` are those that must all be switched on; `write` makes the request of what was filled in."""

    name: str
    title: str
    description: str
    apis: frozenset[str]
    arguments: tuple[Argument, ...]
    write: Callable[[Mapping[str, str]], str]
    changes: bool = True

    def definition(self) -> types.Prompt:
        """As `prompts/list` shows it."""
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
    """The arguments of a prompt do not fit. The text says which."""


def request(prompt: Prompt, given: Mapping[str, str]) -> str:
    """The request in words. Raises ArgumentsWrong."""
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
            raise ArgumentsWrong(f"{argument.name} does not look right: {argument.description}.")
    return prompt.write(filled)


def available(apis: Iterable[str], *, read_only: bool) -> list[Prompt]:
    """The prompts whose tools are listed."""
    return [prompt for prompt in PROMPTS if prompt.apis <= set(apis) and not (read_only and prompt.changes)]


def _schedule(given: Mapping[str, str]) -> str:
    where = f" in marketplace {given['marketplaceId']}" if "marketplaceId" in given else ""
    how = {"PICKUP": "a pickup", "DROPOFF": "a drop-off"}.get(given.get("handoverMethod", "").upper(), "a handover")
    when = given.get("when", "at the earliest time there is")
    return (
        f"Book {how} with Easy Ship for every order{where} that waits for one, {when}, and get me the labels.\n"
        "Find the orders with orders_search_orders: of the last two weeks, fulfillmentStatuses UNSHIPPED, includedData "
        "PACKAGES and FULFILLMENT. Those with AMAZON_EASY_SHIP in programs and PENDING_SCHEDULE in a package wait. "
        "Where size or weight of a parcel is not known, ask me. List the slots of each order, tell me which one you "
        "take where none fits what I said, and book each order once. Then fetch the documents with "
        "easy_ship_get_documents and tell me where the files are, and what was not booked and why."
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
        "See with messaging_get_messaging_actions_for_order which kinds of message Amazon permits now, take the one "
        "that fits, and write in the language that messaging_get_attributes says. The order's marketplace is in "
        "orders_get_order. If no permitted kind fits, or a file cannot go with it, tell me before anything is sent."
    )


def _acknowledge(given: Mapping[str, str]) -> str:
    vendor = f" of vendor code {given['vendorCode']}" if "vendorCode" in given else ""
    out = f"\nWe cannot deliver everything: {given['outOfStock']}" if "outOfStock" in given else ""
    return (
        f"Acknowledge all new purchase orders{vendor}.{out}\n"
        "vendor_orders_collect_purchase_orders with purchaseOrderState New has them. Accept every line in full unless "
        "I said otherwise, and answer every line of an order: what is left out counts as rejected. Where a line comes "
        "later, backorder it only if isBackOrderAllowed, with the date I gave; otherwise ask me before you reject it, "
        "because a rejected line stays rejected. Quantities, identifiers and netCost stay as in the order. Tell me "
        "what was answered; vendor_orders_follow_acknowledgement shows later whether it took effect."
    )


def _follow_up(_: Mapping[str, str]) -> str:
    return (
        "See which of our changes nobody knows the outcome of, and find out what became of them.\n"
        "sp_mcp_list_changes with unsettled true lists them; shownBy names the tool that shows the outcome. Only read: "
        "repeat nothing. Tell me of each whether it happened, did not, or cannot be told, and what you would do."
    )


PROMPTS = (
    Prompt(
        "schedule_easy_ship_orders",
        "Schedule Easy Ship orders",
        "Books a handover for every Easy Ship order that waits for one, and fetches the labels.",
        frozenset({"orders", "easy_ship"}),
        (
            Argument(
                "marketplaceId", "Marketplace id, such as A21TJRUUN4KGV (India)", values="marketplaces", pattern=_ID
            ),
            Argument(
                "handoverMethod", "PICKUP or DROPOFF; either if left out", values="handovers", pattern="PICKUP|DROPOFF"
            ),
            Argument("when", "When, in your words; default the earliest"),
        ),
        _schedule,
    ),
    Prompt(
        "answer_buyer",
        "Answer a buyer",
        "Writes to the buyer of an order, in their language and in a kind of message Amazon permits.",
        frozenset({"orders", "messaging"}),
        (
            Argument("orderId", "Amazon order id", required=True, values="orders", pattern=_ID),
            Argument("message", "What to tell them, in your words", required=True),
            Argument("file", "Path of a file to attach"),
        ),
        _answer,
    ),
    Prompt(
        "acknowledge_purchase_orders",
        "Acknowledge purchase orders",
        "Answers all new purchase orders of a vendor, line by line.",
        frozenset({"vendor_orders"}),
        (
            Argument("vendorCode", "Only for this vendor code", pattern=_ID),
            Argument("outOfStock", "What cannot be delivered, or only later, in your words"),
        ),
        _acknowledge,
    ),
    Prompt(
        "follow_up_changes",
        "Follow up on unsettled changes",
        "Finds out what became of changes whose outcome nobody knows.",
        frozenset(),
        (),
        _follow_up,
        changes=False,
    ),
)
