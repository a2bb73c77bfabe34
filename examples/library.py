"""Use robotrader as a library: run one task, print the record.

    python library.py [SYMBOL]

Settings come from where the command takes them: config.toml in the home, the environment, ROBOTRADER_HOME.
"""

from __future__ import annotations

import asyncio
import sys

from robotrader import settings
from robotrader.bootstrap import open_app
from robotrader.core.errors import TradingError


async def research(symbol: str) -> int:
    async with open_app(settings.load()) as app:
        tasks = await app.tasks()
        report = await tasks.run("earnings", [symbol])
    for outcome in report.outcomes:
        task = outcome.task
        print(f"{task.symbol} {task.status}, answered by {task.provider}")
        for name, value in (outcome.record or {}).items():
            if value is not None:
                print(f"  {name} = {value}")
    return max(outcome.exit_code for outcome in report.outcomes)


def main() -> int:
    symbol = sys.argv[1] if len(sys.argv) > 1 else "SBIN"
    try:
        return asyncio.run(research(symbol))
    except TradingError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
