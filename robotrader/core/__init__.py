"""The durable core: errors, events, the store, the scheduler, and the coordinators over them."""
