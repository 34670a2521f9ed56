"""Feeds 2021-06-30, as far as the documents of Easy Ship need it."""

JOB = "Ask for Easy Ship documents by hand, in four steps: easy_ship_get_documents does all of it."
