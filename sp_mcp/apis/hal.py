"""Answer models in HAL that Messaging and Solicitations share.

They accept the form of the model files and that of the live service, in which a link can be a list, names and titles
are beside the links, and an embedded schema can be the JSON schema itself
(docs/facts/messaging.md#shape-of-the-action-list).
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from sp_mcp.operation import ErrorGiven, ResponseModel


class Link(ResponseModel):
    href: str | list[Any] | None = None
    name: str | None = None


class SchemaLinks(ResponseModel):
    self_: Link | list[Link] | None = Field(None, alias="self")
    schema_: Link | list[Link] | None = Field(None, alias="schema")


class ActionName(ResponseModel):
    name: str | None = None


class EmbeddedSchema(ResponseModel):
    schema_: dict[str, Any] | None = Field(None, alias="schema")


class ActionGiven(ResponseModel):
    links: SchemaLinks | None = Field(None, alias="_links")
    embedded: EmbeddedSchema | None = Field(None, alias="_embedded")
    payload: ActionName | None = None
    name: str | None = None
    title: str | None = None
    errors: list[ErrorGiven] | None = None


class ActionLinks(ResponseModel):
    self_: Link | list[Link] | None = Field(None, alias="self")
    actions: list[Link] | None = None


class EmbeddedActions(ResponseModel):
    actions: list[ActionGiven] | None = None


class ActionsGiven(ResponseModel):
    """The actions that Amazon permits for an order."""

    links: ActionLinks | None = Field(None, alias="_links")
    embedded: EmbeddedActions | None = Field(None, alias="_embedded")
    errors: list[ErrorGiven] | None = None

    @property
    def offered(self) -> set[str]:
        """The names of the permitted actions, from the links and the embedded entries."""
        links = (self.links.actions if self.links else None) or []
        embedded = (self.embedded.actions if self.embedded else None) or []
        names = [link.name for link in links] + [action.name for action in embedded]
        names += [action.payload.name for action in embedded if action.payload]
        return {name for name in names if name}
