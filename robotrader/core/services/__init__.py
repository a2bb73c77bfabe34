"""The logic that coordinators delegate to."""
