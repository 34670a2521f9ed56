"""Easy Ship 2022-03-23: hand packages over to Amazon's carriers."""

JOB = (
    "Schedule shipments: for each order easy_ship_list_handover_slots with size (cm) and weight (g) of the parcel, "
    "which the person knows; easy_ship_create_scheduled_package with a slot unchanged, by the person's wish; then "
    "easy_ship_get_documents for label and invoice. Days are the marketplace's. Slots expire within minutes, so order "
    "by order; on an expired one, list again. In Poland and the Netherlands only "
    "easy_ship_create_scheduled_package_bulk, then easy_ship_save_bulk_documents."
)
