"""Answers of Sellers."""

from __future__ import annotations

from sp_mcp.operation import ErrorGiven, ResponseModel


class Marketplace(ResponseModel):
    id: str | None = None
    name: str | None = None
    countryCode: str | None = None
    defaultCurrencyCode: str | None = None
    defaultLanguageCode: str | None = None
    domainName: str | None = None


class Participation(ResponseModel):
    isParticipating: bool | None = None
    hasSuspendedListings: bool | None = None


class MarketplaceParticipation(ResponseModel):
    marketplace: Marketplace | None = None
    participation: Participation | None = None
    storeName: str | None = None


class GetMarketplaceParticipationsResponse(ResponseModel):
    payload: list[MarketplaceParticipation] | None = None
    errors: list[ErrorGiven] | None = None
