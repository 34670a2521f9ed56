"""Sellers v1: where the account sells."""

from sp_mcp.apis.api import Api

API = Api(
    name="sellers",
    title="Sellers v1",
    position=60,
    model_file="sellers.json",
    listed=True,
    job="",
    sandbox="sellers",
)
