"""The embedded provider: answers as the real services would, from published figures that ship with the package."""

from __future__ import annotations

NOTICE = "SANDBOX: embedded snapshot of Q2 FY26 figures, not live data"
"""The line to show wherever something of the sandbox is shown."""
MODEL = "sandbox/snapshot"
"""What every answer of the sandbox names as its ``model``."""
