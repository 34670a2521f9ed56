"""Feeds 2021-06-30, as far as the documents of Easy Ship need it."""

from sp_mcp.apis.api import Api

API = Api(
    name="feeds",
    title="Feeds 2021-06-30",
    position=90,
    model_file="feeds_2021-06-30.json",
    listed=False,
    job="",
    sandbox="feeds",
)
