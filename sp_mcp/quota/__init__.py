"""Amazon's quota, shared: the token buckets of an account and where they are kept.

`bucket` is the algorithm, `store` what keeps buckets must do, and `embedded` (one machine), `team` (many) and
`store.MemoryStore` (this process) are the three that do it. `fallback` goes on when a shared one is gone.
Who waits for a turn and how is amazon/rate_limit.py's.
"""
