"""Check, fetch, parse, save: one module a dataset."""
