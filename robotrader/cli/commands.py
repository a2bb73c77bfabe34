"""The table of commands: where each one lives and its line in ``robotrader --help``.

A command line that names one command imports the module of that command alone; ``robotrader --help`` imports none.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import NamedTuple

import typer


class Entry(NamedTuple):
    """One command or group: ``module`` within ``robotrader.cli``, ``attribute`` a function or a Typer group."""

    name: str
    module: str
    attribute: str
    help: str


ENTRIES = (
    Entry("init", "setup", "init", "Make the home: a settings file and a watchlist."),
    Entry("run-task", "tasks", "run_task", "Run one task now, for some symbols or all watched."),
    Entry("tick", "tasks", "tick", "Run everything that is due, once; made for cron."),
    Entry("serve", "serve", "serve", "Run what is due whenever it is due, until stopped."),
    Entry("status", "health", "status", "Show the state of everything at a glance."),
    Entry("doctor", "health", "doctor", "Check that all is well, with a remedy where it is not."),
    Entry("emergency-stop", "lifecycle", "emergency_stop", "Stop everything that spends or trades, at once."),
    Entry("resume", "lifecycle", "resume", "Lift the emergency stop."),
    Entry("tasks", "tasks", "tasks", "Look at tasks, cancel them, run them again."),
    Entry("events", "events", "events", "Look at what happened; deliver what was not delivered."),
    Entry("watchlist", "watchlist", "watchlist", "The symbols that are researched by themselves."),
    Entry("schedule", "schedule", "schedule", "See and change what runs by itself, and when."),
    Entry("calendar", "calendar", "calendar", "Trading days, sessions and settlement days of the NSE."),
    Entry("portfolio", "portfolio", "portfolio", "What is held, what it is worth, and what it won or lost."),
    Entry("pnl", "pnl", "pnl", "Show what was won and lost."),
    Entry("trades", "pnl", "trades", "Show trades with their charges, newest first."),
    Entry("statement", "statement", "statement", "Show a month of the paper account, to the paisa."),
    Entry("buy", "orders", "buy", "Buy shares, on paper unless --live."),
    Entry("sell", "orders", "sell", "Sell shares, on paper unless --live."),
    Entry("orders", "orders", "orders", "Look at orders, cancel them."),
    Entry("what-if", "orders", "what_if", "Show what an order would cost and change; order nothing."),
    Entry("login", "session", "login", "Begin today's session at the broker."),
    Entry("logout", "session", "logout", "End the session at the broker, there and here."),
    Entry("session", "session", "session", "Look at the session at the broker."),
    Entry("market", "market", "market", "Show the session, and quotes with how old they are."),
    Entry("risk", "risk", "risk", "Rules that sell or tell: stops, targets, limits."),
    Entry("earnings", "research", "earnings", "Show the stored results of a company."),
    Entry("news", "news", "news", "Show the stored news of a company, or of all watched."),
    Entry("fundamentals", "fundamentals", "fundamentals", "Show the stored fundamentals of a company."),
    Entry("compare", "fundamentals", "compare", "Show the fundamentals of several companies side by side."),
    Entry("search", "search", "search", "Search everything that is stored."),
    Entry("report", "report", "report", "Show what is known of the watchlist; --html makes a page of it."),
    Entry("why", "research", "why", "Show where a stored figure comes from."),
    Entry("parse", "research", "parse", "Read a text and show what the parsers find in it."),
    Entry("reparse", "research", "reparse", "Read the archived answers again; costs nothing."),
    Entry("config", "setup", "config", "Look at the settings."),
)
ROOT_ONLY = ("--help", "-h", "--version")
ROOT_FLAGS = ("--debug",)
ROOT_VALUES = ("--home",)


def register(app: typer.Typer, arguments: Sequence[str]) -> None:
    """Add the commands that these arguments may need.

    For the root's own help and version: names and help lines without the code behind them, which is never reached. For
    a command line that names a command: that one. For anything else, such as a completion or a misspelt word: all.
    """
    if arguments and arguments[0] in ROOT_ONLY:
        for entry in ENTRIES:
            app.command(entry.name, help=entry.help)(_nothing)
        return
    named = [entry for entry in ENTRIES if entry.name == _first_word(arguments)]
    for entry in named or ENTRIES:
        _add(app, entry)


def _add(app: typer.Typer, entry: Entry) -> None:
    found = getattr(import_module(f"robotrader.cli.{entry.module}"), entry.attribute)
    if isinstance(found, typer.Typer):
        app.add_typer(found, name=entry.name, help=entry.help)
    else:
        app.command(entry.name, short_help=entry.help)(found)


def _first_word(arguments: Sequence[str]) -> str | None:
    waiting = iter(arguments)
    for word in waiting:
        if word in ROOT_VALUES:
            next(waiting, None)
        elif word not in ROOT_FLAGS and not word.startswith(tuple(f"{name}=" for name in ROOT_VALUES)):
            return word
    return None


def _nothing() -> None:
    """Stands for a command in the root's help."""
