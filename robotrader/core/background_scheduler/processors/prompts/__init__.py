"""Prompts: versioned text files. A file of the same name in the home's ``prompts`` folder replaces the packaged one.

A prompt is three parts parted by lines of ``---``: a head with ``version: N``, the instructions, and the question, in
which ``$symbol`` and ``$exchange`` stand for the company.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import NamedTuple

from robotrader.core.background_scheduler.models import Dataset
from robotrader.core.background_scheduler.stores.files import read_text
from robotrader.core.clock import Clock
from robotrader.core.errors import ConfigurationError

_PACKAGED = Path(__file__).parent

_EACH = (
    "These are {count} questions about {count} companies: {named}. Search for each company and answer each question by"
    ' itself. Give one element of "answers" for each company, in this order, and repeat its trading symbol with the'
    ' exchange in "symbol". A figure of one company never stands in the element of another; what no source states of a'
    " company is null in its element."
)


class Prompt(NamedTuple):
    """One prompt; ``origin`` is the file it came from."""

    version: str
    instructions: str
    question: str
    origin: Path

    def ask(self, symbol: str) -> str:
        """The question about a symbol in canonical form (``SBIN``, ``BSE:SBIN``)."""
        exchange, _, name = symbol.rpartition(":")
        return Template(self.question).substitute(symbol=name, exchange=exchange or "NSE")

    def ask_all(self, symbols: Sequence[str]) -> str:
        """The question about each of several symbols, for one answer."""
        named = ", ".join(symbol if ":" in symbol else f"NSE:{symbol}" for symbol in symbols)
        questions = "\n".join(f"- {self.ask(symbol)}" for symbol in symbols)
        return f"{_EACH.format(count=len(symbols), named=named)}\n\n{questions}"


READ_AGAIN_SECONDS = 10.0
"""For how long a prompt is used before its file is looked at again."""


class PromptShelf:
    """The prompts of one process: read when first needed, and again after a while, so that a change comes into force.

    Args:
        overrides: the folder of the owner's own prompts.
    """

    def __init__(self, overrides: Path, clock: Clock) -> None:
        self._overrides = overrides
        self._clock = clock
        self._kept: dict[Dataset, tuple[float, Prompt]] = {}
        self._reading = asyncio.Lock()

    async def get(self, dataset: Dataset) -> Prompt:
        """The prompt of a dataset. Raises as ``load_prompt``."""
        prompt = self._fresh(dataset)
        if prompt is None:
            async with self._reading:  # the tasks of a tick begin together: one of them reads for all
                prompt = self._fresh(dataset)
                if prompt is None:
                    prompt = await load_prompt(dataset, self._overrides)
                    self._kept[dataset] = (self._clock.monotonic(), prompt)
        return prompt

    def _fresh(self, dataset: Dataset) -> Prompt | None:
        kept = self._kept.get(dataset)
        return None if kept is None or self._clock.monotonic() - kept[0] >= READ_AGAIN_SECONDS else kept[1]


async def load_prompt(dataset: Dataset, overrides: Path) -> Prompt:
    """The owner's prompt for a dataset where there is one, else the packaged one.

    Raises:
        ConfigurationError: the owner's file is not a prompt.
        ResourceError: it cannot be read.
    """
    own = overrides / f"{dataset.value}.txt"
    text = await read_text(own)
    if text is not None:
        return parse_prompt(text, own)
    packaged = _PACKAGED / f"{dataset.value}.txt"
    return parse_prompt(await read_text(packaged) or "", packaged)


def parse_prompt(text: str, origin: Path) -> Prompt:
    """Read a prompt file.

    Raises:
        ConfigurationError: a part is missing, or the question does not name ``$symbol`` or names something unknown.
    """
    parts = [part.strip() for part in text.replace("\r\n", "\n").split("\n---\n")]
    if len(parts) != 3 or not parts[0].startswith("version:") or not all(parts):
        raise ConfigurationError(
            f"{origin} is not a prompt",
            remedy="three parts parted by lines of ---: 'version: N', the instructions, the question",
        )
    prompt = Prompt(parts[0].removeprefix("version:").strip(), parts[1], parts[2], origin)
    try:
        named = prompt.ask("SYMBOL")
    except (KeyError, ValueError) as error:
        raise ConfigurationError(
            f"{origin} uses an unknown placeholder: {error}", remedy="use $symbol and $exchange"
        ) from error
    if "SYMBOL" not in named:
        raise ConfigurationError(f"the question in {origin} does not name $symbol", remedy="use $exchange:$symbol")
    return prompt
