"""Solicitations v1: asking a buyer for a review, in Amazon's words."""

from sp_mcp.apis.api import Api

API = Api(
    name="solicitations",
    title="Solicitations v1",
    position=50,
    model_file="solicitations.json",
    listed=True,
    job="",
    sandbox="solicitations",
)
