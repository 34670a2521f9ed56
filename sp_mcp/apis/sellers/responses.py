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


class Address(ResponseModel):
    addressLine1: str | None = None
    addressLine2: str | None = None
    city: str | None = None
    stateOrProvinceCode: str | None = None
    postalCode: str | None = None
    countryCode: str | None = None


class Business(ResponseModel):
    name: str | None = None
    nonLatinName: str | None = None
    registeredBusinessAddress: Address | None = None
    companyRegistrationNumber: str | None = None
    companyTaxIdentificationNumber: str | None = None


class PrimaryContact(ResponseModel):
    name: str | None = None
    nonLatinName: str | None = None
    address: Address | None = None


class Account(ResponseModel):
    businessType: str | None = None
    sellingPlan: str | None = None
    business: Business | None = None
    primaryContact: PrimaryContact | None = None
    marketplaceParticipationList: list[MarketplaceParticipation] | None = None


class GetAccountResponse(ResponseModel):
    payload: Account | None = None
    errors: list[ErrorGiven] | None = None
