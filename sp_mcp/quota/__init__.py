"""Amazon's quota, shared among processes: the token buckets of an account and the stores that keep them.

`bucket` is the algorithm and `store` the interface of a store. There are three stores: `embedded` for one machine,
`redis_store` for many machines, and `store.MemoryStore` for one process. `fallback` continues with buckets of this
process while a shared store is unavailable. amazon/rate_limit.py lets calls wait for their turn.
"""
