"""Reports 2021-06-30, as far as the documents of Easy Ship need it."""

JOB = "Fetch a report by its id: reports_get_report, then reports_get_report_document."
