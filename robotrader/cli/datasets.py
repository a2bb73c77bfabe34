"""The words for task types and datasets on the command line, and which of them this release can do."""

from __future__ import annotations

from robotrader.core.errors import ValidationError

WORDS = ("earnings", "news", "fundamentals", "market", "risk", "health")
DATASETS = ("earnings", "news", "fundamentals")
AVAILABLE = ("earnings", "news", "fundamentals")
WATCHES = ("market", "risk", "health")
"""Task types without a symbol."""
KINDS = (*DATASETS, "answer")
"""What a search finds: records, and the words of the archived answers."""


def checked_word(word: str) -> str:
    """A task type of this release.

    Raises:
        ValidationError: no task type, or one that this release does not have.
    """
    return _checked(word, WORDS, (*AVAILABLE, *WATCHES), "task type")


def checked_dataset(name: str) -> str:
    """A dataset of this release.

    Raises:
        ValidationError: no dataset, or one that this release does not have.
    """
    return _checked(name, DATASETS, AVAILABLE, "dataset")


def checked_kind(name: str) -> str:
    """A kind of thing that a search finds.

    Raises:
        ValidationError: there is none by that name.
    """
    if name in KINDS:
        return name
    near = name.strip().lower()
    remedy = f"did you mean {near}?" if near in KINDS else f"one of: {', '.join(KINDS)}"
    raise ValidationError(f"no such kind: {name[:40]!r}", remedy=remedy)


def _checked(word: str, known: tuple[str, ...], available: tuple[str, ...], kind: str) -> str:
    if word in available:
        return word
    if word in known:
        names = ", ".join(available)
        raise ValidationError(f"the {kind} {word} is not in this release", remedy=f"this release has: {names}")
    remedy = f"one of: {', '.join(available)}"
    if word.strip().lower() in known:
        remedy = f"did you mean {word.strip().lower()}?"
    raise ValidationError(f"no such {kind}: {word[:40]!r}", remedy=remedy)
