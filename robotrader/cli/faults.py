"""The value of ``--sandbox-fault``."""

from __future__ import annotations

from robotrader.cli import output
from robotrader.cli.run import Session
from robotrader.core.errors import ConfigurationError, ValidationError

LIST = "list"


def settled(fault: str | None, session: Session) -> bool:
    """Put the fault into the session; True where only the list of them was asked for, and has been printed.

    Raises:
        ValidationError: no failure of that name.
    """
    if listed(fault):
        return True
    session.fault = checked(fault)
    return False


def listed(fault: str | None) -> bool:
    """Print the failures that can be rehearsed where that was asked for."""
    if fault != LIST:
        return False
    from robotrader.sandbox.faults import FAULTS

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
    from robotrader.sandbox.faults import check_fault

    try:
        check_fault(fault)
    except ConfigurationError as error:
        raise ValidationError(error.context.message, remedy=error.context.remedy) from None
    return fault
