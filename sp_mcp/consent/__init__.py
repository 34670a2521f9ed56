"""Consent: before anything changes, a person is asked about exactly this call.

host.py           how the person can be reached, and what comes back
question_text.py  a question as a person reads it
confirmation.py   getting consent, and having it recorded with the change
"""
