"""What Messaging and Solicitations have in common: answers in HAL, of which the live service makes its own version.

Links are lists now and then, names and titles stand beside the links, and an embedded schema is the JSON schema
itself (sp-api-facts 4.3).
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
    """What is permitted for an order."""

    links: ActionLinks | None = Field(None, alias="_links")
    embedded: EmbeddedActions | None = Field(None, alias="_embedded")
    errors: list[ErrorGiven] | None = None

    @property
    def offered(self) -> set[str]:
        """The names of the actions."""
        links = (self.links.actions if self.links else None) or []
        embedded = (self.embedded.actions if self.embedded else None) or []
        names = [link.name for link in links] + [action.name for action in embedded]
        names += [action.payload.name for action in embedded if action.payload]
        return {name for name in names if name}
