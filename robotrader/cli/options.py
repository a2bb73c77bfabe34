"""Arguments and options that several commands share, with their completion."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from robotrader.cli.run import Session


def session_of(context: typer.Context) -> Session:
    """The session the root command made."""
    found = context.find_object(Session)
    return found if found is not None else Session()


def complete_symbol(context: typer.Context, incomplete: str) -> list[str]:
    """Symbols of the watchlist and of the sandbox that begin with what was typed; nothing, rather than an error."""
    from robotrader.cli import completion

    return completion.symbols(_root_home(context), incomplete)


def complete_word(incomplete: str) -> list[str]:
    """Task types."""
    from robotrader.cli.datasets import WORDS

    return [word for word in WORDS if word.startswith(incomplete)]


def complete_dataset(incomplete: str) -> list[str]:
    """Datasets."""
    from robotrader.cli.datasets import DATASETS

    return [name for name in DATASETS if name.startswith(incomplete)]


def complete_kind(incomplete: str) -> list[str]:
    """What a search may be kept to."""
    from robotrader.cli.datasets import KINDS

    return [name for name in KINDS if name.startswith(incomplete)]


def complete_field(incomplete: str) -> list[str]:
    """The fields of earnings and fundamentals."""
    from robotrader.cli import completion

    return completion.fields(incomplete)


def complete_fault(incomplete: str) -> list[str]:
    """Failures the sandbox can rehearse."""
    from robotrader.cli import completion

    return completion.faults(incomplete)


def _root_home(context: typer.Context) -> Path | None:
    home = context.find_root().params.get("home")
    return Path(home) if home else None


Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of a table.")]
Live = Annotated[
    bool,
    typer.Option("--live", help='Let orders be real; needs trading.mode = "live" in config.toml as well.'),
]
Symbol = Annotated[
    str,
    typer.Argument(help="NSE trading symbol, such as SBIN or M&M.", autocompletion=complete_symbol, metavar="SYMBOL"),
]
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="SPAN", help="Only what is at most this old: 30m, 6h, 2d, 1w."),
]
Fault = Annotated[
    str | None,
    typer.Option(
        "--sandbox-fault",
        metavar="NAME",
        autocompletion=complete_fault,
        help="Let the sandbox fail in this way; 'list' names the ways.",
    ),
]
Limit = Annotated[
    int, typer.Option("--limit", "-n", min=1, max=1_000_000, metavar="N", help="At most this many, newest first.")
]
