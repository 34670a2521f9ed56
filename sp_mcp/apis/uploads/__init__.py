"""Uploads 2020-11-01: a place for a file that a message will carry."""

JOB = "Upload by hand: uploads_create_upload_destination_for_resource; messaging_upload_attachment does all of it."
