"""Solicitations v1: asking a buyer for a review, in Amazon's words."""

JOB = (
    "Ask a buyer for a review: solicitations_get_actions_for_order says whether Amazon permits it now, then "
    "solicitations_create_review_solicitation, once per order."
)
