"""Answers of Messaging: what the model says and what the live service sends (sp-api-facts 4.3)."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from sp_mcp.operation import ErrorGiven, ResponseModel


class Link(ResponseModel):
    # The live service sends a list now and then (sp-api-facts 4.3).
    href: str | list[Any] | None = None
    name: str | None = None


class SchemaLinks(ResponseModel):
    self_: Link | list[Link] | None = Field(None, alias="self")
    schema_: Link | list[Link] | None = Field(None, alias="schema")


class MessagingAction(ResponseModel):
    name: str | None = None


class EmbeddedSchema(ResponseModel):
    # By the model an object with `payload`; live, the JSON schema itself.
    schema_: dict[str, Any] | None = Field(None, alias="schema")


class GetMessagingActionResponse(ResponseModel):
    links: SchemaLinks | None = Field(None, alias="_links")
    embedded: EmbeddedSchema | None = Field(None, alias="_embedded")
    payload: MessagingAction | None = None
    name: str | None = None
    title: str | None = None
    errors: list[ErrorGiven] | None = None


class ActionLinks(ResponseModel):
    self_: Link | list[Link] | None = Field(None, alias="self")
    actions: list[Link] | None = None


class EmbeddedActions(ResponseModel):
    actions: list[GetMessagingActionResponse] | None = None


class GetMessagingActionsForOrderResponse(ResponseModel):
    links: ActionLinks | None = Field(None, alias="_links")
    embedded: EmbeddedActions | None = Field(None, alias="_embedded")
    errors: list[ErrorGiven] | None = None


class Buyer(ResponseModel):
    locale: str | None = None


class GetAttributesResponse(ResponseModel):
    buyer: Buyer | None = None
    errors: list[ErrorGiven] | None = None


class MessageAccepted(ResponseModel):
    """All message operations answer the same: nothing, or errors."""

    errors: list[ErrorGiven] | None = None
