"""Clients of external services, one class each, over httpx."""
