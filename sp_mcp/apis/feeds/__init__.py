"""Feeds 2021-06-30, as far as the documents of Easy Ship need it."""

JOB = "Ask for Easy Ship documents by hand: feeds_create_feed_document, feeds_create_feed, feeds_get_feed."
