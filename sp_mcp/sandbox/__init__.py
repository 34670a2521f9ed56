"""A Selling Partner on this machine: Amazon's service in miniature, with state, quotas and faults.

Light to import; the work is in `app`. It knows nothing of the client's models: what a request must look like
comes from `contract.json`, which tools/extract_contract.py takes from Amazon's model files.
"""

LOCAL_CLIENT_ID = "local-practice-client"
LOCAL_CLIENT_SECRET = "local-practice-secret"  # noqa: S105 - opens nothing but the practice account
LOCAL_REFRESH_TOKEN = "Atzr|local-practice-token"  # noqa: S105

LOCAL_MARKETPLACE = "A21TJRUUN4KGV"
"""India, where the practice account sells."""
