"""Uploads 2020-11-01: a place for a file that a message will carry."""

JOB = "Attach a file to a message: uploads_create_upload_destination_for_resource, for one message of one order."
