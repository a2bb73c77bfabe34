"""The value of ``--sandbox-fault``."""

from __future__ import annotations

from robotrader.cli import output
from robotrader.core.errors import ConfigurationError, ValidationError

LIST = "list"


def listed(fault: str | None) -> bool:
    """Print the failures that can be rehearsed where that was asked for."""
    if fault != LIST:
        return False
    from robotrader.sandbox.faults import FAULTS  # noqa: PLC0415

    width = max(map(len, FAULTS))
    output.write("\n".join(f"{name:<{width}}  {words}" for name, words in FAULTS.items()))
    return True


def checked(fault: str | None) -> str | None:
    """The name of a failure, or None where none was given.

    Raises:
        ValidationError: no failure of that name.
    """
    if not fault:
        return fault
    from robotrader.sandbox.faults import check_fault  # noqa: PLC0415

    try:
        check_fault(fault)
    except ConfigurationError as error:
        raise ValidationError(error.context.message, remedy=error.context.remedy) from None
    return fault
