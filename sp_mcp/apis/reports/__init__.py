"""Reports 2021-06-30, as far as the documents of Easy Ship need it."""

from sp_mcp.apis.api import Api

API = Api(
    name="reports",
    title="Reports 2021-06-30",
    position=100,
    model_file="reports_2021-06-30.json",
    listed=False,
    job="",
    sandbox="reports",
)
