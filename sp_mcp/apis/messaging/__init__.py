"""Messaging v1: messages to buyers, each of a kind that Amazon permits for the order.

Two operations are no longer in Amazon's model: createNegativeFeedbackRemoval (removed 2025-08-04) and
CreateAmazonMotors (2026-01-30). They are kept, and say so.
"""

JOB = (
    "Message a buyer: messaging_get_messaging_actions_for_order (which kinds are permitted now), "
    "messaging_get_attributes (the buyer's language), for a file messaging_upload_attachment, then the one tool for "
    "that kind. Most kinds carry either a text or files; where both are wanted and no permitted kind carries both, it "
    "takes two messages, the files first. What fits no permitted kind is the person's to decide. A message cannot be "
    "recalled; in a language the person may not read, they want its meaning before they are asked."
)
