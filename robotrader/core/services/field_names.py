"""Which stored field a person means: ``eps``, ``fundamentals.pe``, ``news.3f2a.headline``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from robotrader.core.background_scheduler.models import Dataset
from robotrader.core.background_scheduler.stores import earnings_store, fundamentals_store, stories
from robotrader.core.errors import ValidationError

FIELDS: Mapping[Dataset, Sequence[str]] = {
    Dataset.EARNINGS: earnings_store.FIELDS,
    Dataset.FUNDAMENTALS: fundamentals_store.FIELDS,
    Dataset.NEWS: stories.FIELDS,
}


class Wanted(NamedTuple):
    """One field of a dataset; ``story`` is the beginning of a story's id, for news."""

    dataset: Dataset
    name: str
    story: str = ""


def wanted(text: str) -> Wanted:
    """The field that a text names, with its dataset before a dot where it is given.

    ``eps`` is ``eps_inr``: a unit may be left out, and so may the rest of a name that only one field begins with.

    Raises:
        ValidationError: no field, or more than one.
    """
    head, dot, rest = text.strip().lower().replace("-", "_").partition(".")
    if not dot:
        return _of_any(head)
    if head == Dataset.NEWS:
        story, dot, name = rest.partition(".")
        if not (story and dot):
            raise ValidationError(
                "a field of news needs the id of its story", remedy="news.ID.headline; robotrader news shows the ids"
            )
        return Wanted(Dataset.NEWS, _one(name, {Dataset.NEWS: FIELDS[Dataset.NEWS]}).name, story)
    if head not in {Dataset.EARNINGS, Dataset.FUNDAMENTALS}:
        raise ValidationError(f"no such dataset: {head[:40]!r}", remedy=f"the datasets are: {', '.join(FIELDS)}")
    dataset = Dataset(head)
    return _one(rest, {dataset: FIELDS[dataset]})


def _of_any(name: str) -> Wanted:
    return _one(name, {dataset: FIELDS[dataset] for dataset in (Dataset.EARNINGS, Dataset.FUNDAMENTALS)})


def _one(name: str, among: Mapping[Dataset, Sequence[str]]) -> Wanted:
    full = {name, f"{name}_inr", f"{name}_pct"}
    found = [Wanted(dataset, each) for dataset, names in among.items() for each in names if each in full]
    if not found and name:
        begun = f"{name}_"
        found = [Wanted(dataset, each) for dataset, names in among.items() for each in names if each.startswith(begun)]
    if len(found) == 1:
        return found[0]
    if len({each.dataset for each in found}) > 1:
        choice = ", ".join(f"{each.dataset.value}.{each.name}" for each in found)
        raise ValidationError(f"more than one field is called {name[:40]!r}", remedy=f"say which: {choice}")
    names = [each.name for each in found] or [each for names in among.values() for each in names]
    raise ValidationError(f"no such field: {name[:40]!r}", remedy=f"the fields are: {', '.join(dict.fromkeys(names))}")
