"""What the owner reads when something went wrong: one line of what, one line of what to do, and the exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from robotrader.cli import output
from robotrader.core.errors import TradingError

if TYPE_CHECKING:
    from robotrader.cli.run import Session

FAILED = 1


def explain(error: Exception, session: Session) -> int:
    """Tell the owner and return the exit code; the traceback only with --debug, a secret never."""
    if hasattr(error, "format_message"):  # Typer's own errors, whose class only its newer versions name
        return _usage(error)
    if isinstance(error, BrokenPipeError):
        return output.closed()
    code = FAILED
    if isinstance(error, TradingError):
        message, remedy, code = error.context.message, error.context.remedy, type(error).exit_code
    elif isinstance(error, OSError):
        message = f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}"
        remedy = "check that the disk is not full and that the path may be written"
        output.give_up()
    else:
        message = f"internal error: {type(error).__name__}: {error}"
        remedy = None if session.debug else "run again with --debug for the traceback"
    output.complain(message, remedy, session.secrets)
    if session.debug:
        import traceback

        output.note("".join(traceback.format_exception(error)), session.secrets)
    return code


def innermost(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error that explains a group: a TradingError where there is one, else the first leaf."""
    leaves: list[BaseException] = []
    waiting: list[BaseException] = [group]
    while waiting:
        error = waiting.pop(0)
        if isinstance(error, BaseExceptionGroup):
            waiting.extend(error.exceptions)
        else:
            leaves.append(error)
    return next((leaf for leaf in leaves if isinstance(leaf, TradingError)), leaves[0])


def _usage(error: Any) -> int:
    message, context = error.format_message(), getattr(error, "ctx", None)
    if "\n" in message:  # a group without a command: its help
        output.note(message)
    else:
        output.complain(message, f"see '{context.command_path} --help'" if context is not None else None)
    return int(error.exit_code)
