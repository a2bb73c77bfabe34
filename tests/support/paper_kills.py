"""A process that trades on paper until it kills itself at a line of the program, and what must be true afterwards.

``python -m tests.support.paper_kills FOLDER RUN LINES SEED`` settles what an earlier one left in doubt, then trades;
before the ``LINES``th line of the program it sends itself SIGKILL. What it was told is written to
``told`` as soon as it was told.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import threading
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from robotrader.core.background_scheduler.stores import order_store
from robotrader.core.background_scheduler.trading import Order, OrderRejectedError, OrderStatus
from robotrader.settings import PaperSettings
from tests.support.clock import FakeClock
from tests.support.paper import ACCOUNT, Desk, desk, request
from tests.support.paper_books import imbalances

ROOT = Path(__file__).parents[2]
PROGRAM = str(ROOT / "robotrader")
STEPS = 12
CASH = PaperSettings(cash_inr=Decimal(60_000))


class Countdown:
    """Kills this process before so many more lines of the program, in whichever thread."""

    def __init__(self, lines: int) -> None:
        self.left = lines
        self.counts = False

    def __call__(self, frame: FrameType, event: str, _: Any) -> Any:
        if not frame.f_code.co_filename.startswith(PROGRAM):
            return None
        if event == "line" and self.counts:
            self.left -= 1
            if self.left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return self


async def trade(folder: Path, run: int, seed: int, countdown: Countdown) -> None:
    """Settle what is in doubt, then trade."""
    chance, clock = random.Random(seed), FakeClock()
    clock.advance(60 * run)
    async with desk(folder, clock, paper=CASH) as paper:
        countdown.counts = True
        await settle(paper, folder)
        for _ in range(STEPS):
            clock.advance(1)
            paper.price(str(Decimal(chance.randint(9_800, 10_200)) / 100), volume=chance.choice([None, 10_000]))
            wish = request(
                chance.choice(["BUY", "BUY", "SELL"]),
                chance.randint(1, 40),
                product="MIS",
                **chance.choice([{}, {}, {"type": "LIMIT", "price": "99.5"}]),
            )
            await place(paper, folder, await paper.order(wish))
            if chance.random() < 0.3:
                await paper.match()


async def settle(paper: Desk, folder: Path) -> None:
    """What the service does of an order that was being sent: it is found by its tag, or was never placed."""
    for order in await paper.db.read(lambda tx: order_store.unfinished(tx, ACCOUNT)):
        if order.status is OrderStatus.SENDING:
            assert await paper.broker.find(order) is None, "taken, and its row does not say so"
            await end(paper, order, OrderStatus.UNPLACED)
            tell(folder, {"id": order.id, "status": "UNPLACED"})


async def place(paper: Desk, folder: Path, order: Order) -> None:
    """Place one order, and write down what was said of it."""
    try:
        placed = await paper.broker.place(order)
    except OrderRejectedError:
        await end(paper, order, OrderStatus.REJECTED)
        return
    tell(folder, {"id": order.id, "status": placed.status.value, "filled": placed.filled})


async def end(paper: Desk, order: Order, status: OrderStatus) -> None:
    move = partial(order_store.move, order=order, status=status, now=paper.clock.now())
    await paper.db.write(move)


def tell(folder: Path, line: dict[str, Any]) -> None:
    """Write down what the owner was told."""
    descriptor = os.open(folder / "told", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, json.dumps(line).encode() + b"\n")
    os.close(descriptor)


def kill_one(folder: Path, run: int, chance: random.Random, most_lines: int) -> bool:
    """Run one process that kills itself at a random line; returns whether it came so far."""
    command = [sys.executable, "-m", "tests.support.paper_kills", str(folder), str(run)]
    command += [str(chance.randint(1, most_lines)), str(chance.randint(0, 10**9))]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    if ended.returncode not in {0, -signal.SIGKILL}:
        raise AssertionError(ended.stderr)
    return ended.returncode != 0


async def problems(folder: Path, run: int) -> tuple[list[str], int]:
    """What is wrong after the kills, and how many orders there were."""
    clock = FakeClock()
    clock.advance(60 * run)
    async with desk(folder, clock, paper=CASH) as paper:
        await settle(paper, folder)
        found = await paper.db.read(lambda tx: imbalances(tx, ACCOUNT))
        orders = await paper.db.read(lambda tx: order_store.newest(tx, ACCOUNT, day=None, symbol=None, limit=-1))
        taken = await paper.db.read(lambda tx: {row[0] for row in tx.all("SELECT order_id FROM paper_orders")})
        events = await paper.db.read(
            lambda tx: tx.all("SELECT type, json_extract(data, '$.order_id') FROM events WHERE type LIKE 'order.%'")
        )
    told = (folder / "told").read_text("utf-8").splitlines() if (folder / "told").exists() else []
    by_id = {order.id: order for order in orders}
    for line in map(json.loads, told):
        now = by_id[line["id"]]
        if line["status"] == "UNPLACED":
            found += [f"{now.id} was never placed, and {now.filled} are filled"] if now.filled else []
        elif now.id not in taken or now.filled < line["filled"]:
            found.append(f"{now.id} was told as {line}, and is {now}")
    placed = [order_id for kind, order_id in events if kind == "order.placed"]
    done = {order_id for kind, order_id in events if kind == "order.filled"}
    found += [f"{order_id} was placed twice" for order_id in set(placed) if placed.count(order_id) > 1]
    found += [f"{order_id} was taken and nobody was told" for order_id in taken - set(placed)]
    found += [f"{order.id} was filled and nobody was told" for order in orders if order.filled and order.id not in done]
    return found, len(orders)


if __name__ == "__main__":
    where, number, lines, seed_of = Path(sys.argv[1]), *map(int, sys.argv[2:5])
    countdown = Countdown(lines)
    threading.settrace(countdown)
    sys.settrace(countdown)
    asyncio.run(trade(where, number, seed_of, countdown))
