"""Uploads 2020-11-01: a URL for a file that a message will carry."""

from sp_mcp.apis.api import Api

API = Api(
    name="uploads",
    title="Uploads 2020-11-01",
    position=80,
    model_file="uploads_2020-11-01.json",
    listed=False,
    job="",
    sandbox="uploads",
)
