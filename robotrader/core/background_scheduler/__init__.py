"""Periodic tasks: planned once a slot, run under a lease, paid for at most once."""
