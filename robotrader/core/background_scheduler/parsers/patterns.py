"""Patterns that are compiled when they are first used.

The readers hold some nine hundred of them, which take half a second to compile; one text needs a few dozen.
"""

from __future__ import annotations

import re
from typing import Any, cast

_METHODS = ("search", "match", "fullmatch", "finditer", "findall", "sub", "subn", "split")


class _Uncompiled:
    """Stands in for a compiled pattern; after its first use its methods are those of the compiled one."""

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # asked of a copy before it has a pattern
            raise AttributeError(name)
        compiled = re.compile(self.pattern, self._flags)
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def regex(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """What ``re.compile`` returns, but compiled when it is first used: a wrong pattern raises ``re.error`` only then.

    It is no ``re.Pattern`` to ``isinstance``, nor to the functions of ``re`` itself.
    """
    return cast("re.Pattern[str]", _Uncompiled(pattern, flags))
