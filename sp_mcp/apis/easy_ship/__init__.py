"""Easy Ship 2022-03-23: hand packages over to Amazon's carriers."""

from sp_mcp.apis.api import Api

API = Api(
    name="easy_ship",
    title="Easy Ship 2022-03-23",
    position=20,
    model_file="easyShip_2022-03-23.json",
    listed=True,
    job="Schedule shipments: `easy_ship_list_handover_slots` (the person knows the parcel's size and weight), "
    "`easy_ship_create_scheduled_package` with the slot the person wants, copied as it was listed, then "
    "`easy_ship_get_documents`. “Tomorrow” is tomorrow in the marketplace's time zone. In Poland and the Netherlands "
    "only `easy_ship_create_scheduled_package_bulk`.",
    sandbox="easy_ship",
)
