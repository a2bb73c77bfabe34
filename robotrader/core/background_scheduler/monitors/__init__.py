"""Watching over health."""
