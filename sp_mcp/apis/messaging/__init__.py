"""Messaging v1: messages to buyers, each of a kind that Amazon permits for the order.

Two operations are no longer in Amazon's model: createNegativeFeedbackRemoval (removed 2025-08-04) and
CreateAmazonMotors (2026-01-30). They are kept, and say so.
"""

from sp_mcp.apis.api import Api

API = Api(
    name="messaging",
    title="Messaging v1",
    position=30,
    model_file="messaging.json",
    listed=True,
    job="Message a buyer: `messaging_get_messaging_actions_for_order` (permitted kinds), `messaging_get_attributes` "
    "(language), for files `messaging_upload_attachment`, then the tool of that kind. Before the call, tell the person "
    "in their own language what the text says.",
    sandbox="messaging",
)
