"""Sellers v1: where the account sells."""

JOB = "See where the account sells: sellers_get_marketplace_participations."
