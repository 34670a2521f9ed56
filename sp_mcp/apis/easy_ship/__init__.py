"""Easy Ship 2022-03-23: hand packages over to Amazon's carriers."""

JOB = (
    "Schedule a shipment: easy_ship_list_handover_slots with size (cm) and weight (g), let the person "
    "choose a slot, easy_ship_create_scheduled_package with that slot unchanged, then "
    "easy_ship_get_scheduled_package for the tracking id. Slots expire quickly; on an expired slot, list again."
)
