"""The road to a broker: written down, sent once, found again, and stopped by whoever may stop it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from robotrader.core.background_scheduler.trading import (
    Order,
    OrderRejectedError,
    OrderRequest,
    OrderStatus,
    OrderType,
    Side,
)
from robotrader.core.errors import (
    ConnectionFailedError,
    LoginRequiredError,
    OutcomeUnknownError,
    RateLimitError,
    UpstreamError,
    ValidationError,
)
from tests.support.clock import FakeClock
from tests.support.execution import Book, limit, trader

S = OrderStatus
DAY = timedelta(days=1)


def fails(error: Exception):  # type: ignore[no-untyped-def]
    async def raised(_: Book, __: Order) -> None:
        raise error

    return raised


async def test_an_order_is_written_down_sent_and_told(tmp_path, clock) -> None:
    book = Book(status=S.OPEN)
    async with trader(tmp_path, clock, book) as one:
        placed = await one.service.place(limit())
        assert (placed.order.status, placed.error) == (S.OPEN, None)
        assert book.placed == [placed.order.tag]
        assert placed.order.broker_order_id == "000000000000001"
        assert await one.told() == ["order.created", "order.placed"]
        assert (await one.only()).sent_at == clock.now()


async def test_it_is_on_disk_as_sending_before_it_leaves(tmp_path, clock) -> None:
    book = Book(status=S.OPEN)
    async with trader(tmp_path, clock, book) as one:
        seen: list[Order] = []

        async def look(_: Book, order: Order) -> None:
            seen.append(await one.only())

        book.before = look
        await one.service.place(limit())
        assert [each.status for each in seen] == [S.SENDING]


@pytest.mark.parametrize(
    ("error", "status", "code", "event"),
    [
        (OrderRejectedError("no funds"), S.REJECTED, 1, "order.rejected"),
        (LoginRequiredError("ended"), S.BLOCKED, 7, "order.blocked"),
        (RateLimitError("429"), S.UNPLACED, 4, "order.unplaced"),
        (ConnectionFailedError("refused"), S.UNPLACED, 4, "order.unplaced"),
    ],
)
async def test_what_is_known_not_to_be_placed_ends_at_once(tmp_path, clock, error, status, code, event) -> None:
    book = Book(before=fails(error))
    async with trader(tmp_path, clock, book) as one:
        placed = await one.service.place(limit())
        assert placed.order.status is status
        assert placed.error is not None
        assert placed.error.exit_code == code
        assert str(error) in (placed.order.message or "")
        assert await one.told() == ["order.created", event]
        await one.service.settle()
        assert book.placed == []


@pytest.mark.parametrize("error", [OutcomeUnknownError("timeout"), UpstreamError("502")])
async def test_a_silence_after_acceptance_is_cleared_up_by_the_tag(tmp_path, clock, error) -> None:
    book = Book(after=fails(error))
    async with trader(tmp_path, clock, book) as one:
        placed = await one.service.place(limit())
        assert (placed.order.status, placed.error) == (S.COMPLETE, None)
        assert placed.order.broker_order_id == "000000000000001"
        assert len(book.placed) == 1
        assert await one.told() == ["order.created", "order.in_doubt", "order.filled"]


async def test_a_silence_without_acceptance_ends_unplaced_and_is_never_sent_again(tmp_path, clock) -> None:
    book = Book(before=fails(OutcomeUnknownError("timeout")))
    async with trader(tmp_path, clock, book) as one:
        began = clock.now()
        placed = await one.service.place(limit())
        assert placed.order.status is S.UNPLACED
        assert placed.error is not None
        assert clock.now() - began >= timedelta(seconds=10)
        assert book.looks >= 2
        book.before = None
        await one.service.settle()
        assert book.placed == []


async def test_a_deaf_book_leaves_the_doubt(tmp_path, clock) -> None:
    book = Book(after=fails(OutcomeUnknownError("timeout")), deaf=ConnectionFailedError("down"))
    async with trader(tmp_path, clock, book) as one:
        assert (await one.service.place(limit())).order.status is S.DOUBT
        clock.advance(3600)
        await one.service.settle()
        assert (await one.only()).status is S.DOUBT
        book.deaf = None
        await one.service.settle()
        assert (await one.only()).status is S.COMPLETE


async def test_the_stop_blocks_before_a_row_is_sent(tmp_path, clock) -> None:
    book = Book()
    async with trader(tmp_path, clock, book) as one:
        await one.stop("enough")
        placed = await one.service.place(limit())
        assert placed.order.status is S.BLOCKED
        assert placed.error is not None
        assert placed.error.exit_code == 6
        assert "enough" in (placed.order.message or "")
        assert (book.placed, await one.told()) == ([], ["order.blocked"])


async def test_a_stop_between_the_row_and_the_sending_blocks_too(tmp_path, clock) -> None:
    book = Book()
    async with trader(tmp_path, clock, book) as one:
        made = one.sender._broker

        async def stopping() -> Book:
            await one.stop()
            return await made()

        one.sender._broker = stopping
        placed = await one.service.place(limit())
        assert placed.order.status is S.BLOCKED
        assert (book.placed, await one.told()) == ([], ["order.created", "order.blocked"])


async def test_orders_a_minute_are_counted_over_processes(tmp_path, clock) -> None:
    book = Book(status=S.OPEN)
    async with trader(tmp_path, clock, book, per_minute=3) as one, trader(tmp_path, clock, book, per_minute=3) as two:
        ends = [(await each.service.place(limit())).order.status for each in (one, two, one, two)]
        assert ends == [S.OPEN, S.OPEN, S.OPEN, S.BLOCKED]
        clock.advance(61)
        assert (await two.service.place(limit())).order.status is S.OPEN
        assert len(book.placed) == 4


async def test_never_more_than_eight_in_a_second(tmp_path, clock) -> None:
    book, times = Book(status=S.OPEN), []

    async def note(_: Book, order: Order) -> None:
        times.append(order.sent_at)

    book.before = note
    async with trader(tmp_path, clock, book, per_minute=400) as one:
        for _ in range(30):
            assert (await one.service.place(limit())).order.status is S.OPEN
        for first in times:
            assert sum(first <= each < first + timedelta(seconds=1) for each in times) <= 8


@pytest.mark.parametrize(
    ("request_", "largest", "last", "blocked"),
    [
        (limit(10, "800"), "8000", None, False),
        (limit(11, "800"), "8000", None, True),
        (OrderRequest("SBIN", Side.BUY, 10), "8000", "801", True),
        (OrderRequest("SBIN", Side.BUY, 10), "8000", "799", False),
        (OrderRequest("SBIN", Side.BUY, 1), "8000", None, True),
        (OrderRequest("SBIN", Side.BUY, 10_000), None, None, False),
    ],
)
async def test_the_largest_order_is_the_owners(tmp_path, clock, request_, largest, last, blocked) -> None:
    async with trader(tmp_path, clock, Book(), max_order_inr=largest, last_price=last) as one:
        placed = await one.service.place(request_)
        assert (placed.order.status is S.BLOCKED) == blocked


@pytest.mark.parametrize(
    "request_",
    [
        OrderRequest("SBIN", Side.BUY, 0),
        OrderRequest("SBIN", Side.BUY, 1, OrderType.LIMIT),
        OrderRequest("SBIN", Side.BUY, 1, OrderType.MARKET, price=Decimal(5)),
        OrderRequest("SBIN", Side.BUY, 1, OrderType.SL, price=Decimal(5)),
        OrderRequest("SBIN", Side.BUY, 1, OrderType.SL, price=Decimal(5), trigger_price=Decimal(6)),
        OrderRequest("SBIN", Side.SELL, 1, OrderType.SL, price=Decimal(6), trigger_price=Decimal(5)),
        OrderRequest("SBIN", Side.BUY, 1, OrderType.LIMIT, price=Decimal("NaN")),
        OrderRequest("SBIN", Side.BUY, 1, OrderType.LIMIT, price=Decimal(-1)),
    ],
)
async def test_what_cannot_be_meant_is_not_written(tmp_path, clock, request_) -> None:
    async with trader(tmp_path, clock, Book()) as one:
        with pytest.raises(ValidationError):
            await one.service.place(request_)
        assert await one.orders() == ()


class TestLive:
    async def test_without_the_option_an_order_ends_blocked_with_the_remedy(self, tmp_path, clock) -> None:
        book = Book()
        async with trader(tmp_path, clock, book, asked=False) as one:
            placed = await one.service.place(limit())
            assert placed.order.status is S.BLOCKED
            assert "--live" in (placed.order.message or "")
            assert placed.error is not None
            assert placed.error.exit_code == 3
            assert book.placed == []

    async def test_a_session_that_has_ended_blocks_with_exit_7(self, tmp_path, clock) -> None:
        book = Book()
        async with trader(tmp_path, clock, book) as one:
            for ends in (clock.now(), None):
                one.session_ends = ends
                placed = await one.service.place(limit())
                assert placed.error is not None
                assert placed.error.exit_code == 7
            assert book.placed == []


class TestExits:
    async def test_a_broken_stop_sells_what_is_held(self, tmp_path, clock) -> None:
        book = Book()
        async with trader(tmp_path, clock, book) as one:
            await one.hold("SBIN")
            breach = await one.broken()
            await one.follow(breach)
            order = await one.only()
            given = order.request
            assert (given.side, given.type, given.quantity) == (Side.SELL, OrderType.MARKET, 10)
            assert (order.breach_id, order.correlation_id) == (breach, breach)
            assert order.reason == "stop loss: 90 against 95"
            assert (await one.outcome(breach))[0] == "ordered"
            await one.service.settle()
            assert (await one.outcome(breach))[0] == "filled"

    async def test_one_that_the_stop_cancelled_is_wanted_still(self, tmp_path, clock) -> None:
        """Its rule is not taken back by the owner, who stopped everything."""
        async with trader(tmp_path, clock, Book(status=S.OPEN)) as one:
            await one.hold("SBIN")
            breach = await one.broken()
            await one.follow(breach)
            (order,), problems = await one.service.cancel_all()
            assert (order.status, problems) == (S.CANCELLED, ())
            assert (await one.outcome(breach))[0] == "unplaced"

    async def test_told_again_it_makes_no_second_order(self, tmp_path, clock) -> None:
        book = Book()
        async with trader(tmp_path, clock, book) as one, trader(tmp_path, clock, book) as two:
            await one.hold("SBIN", quantity=100)
            breach = await one.broken()
            await asyncio.gather(*(each.follow(breach) for each in (one, two, one, two)))
            await one.follow(breach)
            await one.service.settle()
            await two.follow(breach)
            assert len(book.placed) == 1

    async def test_two_rules_on_one_position_sell_it_once(self, tmp_path, clock) -> None:
        book = Book(status=S.OPEN)
        async with trader(tmp_path, clock, book) as one:
            await one.hold("SBIN")
            first, second = await one.broken(), await one.broken()
            await asyncio.gather(one.follow(first), one.follow(second))
            assert len(book.placed) == 1
            ends = sorted([(await one.outcome(first))[0], (await one.outcome(second))[0]])
            assert ends == ["blocked", "ordered"]

    async def test_a_fill_that_the_broker_has_not_told_of_yet_is_not_sold_again(self, tmp_path, clock) -> None:
        book = Book()
        async with trader(tmp_path, clock, book) as one:
            await one.hold("SBIN")
            clock.advance(1)
            await one.follow(await one.broken())
            await one.service.settle()
            clock.advance(60)
            again = await one.broken()
            await one.follow(again)  # the holdings are those of before the sale
            assert len(book.placed) == 1
            assert await one.outcome(again) == ("blocked", "an order that sells them is under way")

    @pytest.mark.parametrize(("hours", "words"), [(8, "market closed"), (-1, "pre-open"), (24, "market closed")])
    async def test_while_the_market_is_closed_nothing_is_ordered(self, tmp_path, hours, words) -> None:
        from tests.support.clock import START

        clock = FakeClock(START + timedelta(hours=hours) + timedelta(minutes=40 if hours < 0 else 0))
        book = Book()
        async with trader(tmp_path, clock, book) as one:
            await one.hold("SBIN")
            breach = await one.broken()
            await one.follow(breach)
            outcome, detail = await one.outcome(breach)
            assert (outcome, book.placed, await one.orders()) == ("blocked", [], ())
            assert words in (detail or "")

    async def test_nothing_held_old_or_of_another_account_is_blocked(self, tmp_path, clock) -> None:
        book = Book()
        async with trader(tmp_path, clock, book) as one:
            never = await one.broken()
            await one.follow(never)
            assert "nothing is known of the account" in ((await one.outcome(never))[1] or "")
            await one.hold("TCS")
            gone = await one.broken()
            await one.follow(gone)
            assert await one.outcome(gone) == ("blocked", "nothing is held any more")
            await one.hold("SBIN")
            old = await one.broken()
            clock.advance(16 * 60)
            await one.follow(old)
            assert "16 minutes ago" in ((await one.outcome(old))[1] or "")
        async with trader(tmp_path, clock, Book(account="paper"), mode="paper") as other:
            await one.db.write(lambda tx: tx.run("UPDATE risk_breaches SET outcome = 'pending' WHERE id = ?", (gone,)))
            await one.db.close()
            await other.follow(gone)
            assert "not in force any more" in ((await other.outcome(gone))[1] or "")
        assert book.placed == []

    async def test_the_stop_blocks_an_exit(self, tmp_path, clock) -> None:
        book = Book()
        async with trader(tmp_path, clock, book) as one:
            await one.hold("SBIN")
            await one.stop("enough")
            breach = await one.broken()
            await one.follow(breach)
            outcome, detail = await one.outcome(breach)
            assert (outcome, book.placed) == ("blocked", [])
            assert "enough" in (detail or "")

    async def test_what_only_tells_orders_nothing(self, tmp_path, clock) -> None:
        book = Book()
        async with trader(tmp_path, clock, book) as one:
            await one.hold("SBIN")
            breach = await one.broken()
            await one.follow(breach, action="tell")
            assert (book.placed, (await one.outcome(breach))[0]) == ([], "pending")

    async def test_beyond_the_minutes_orders_an_exit_waits_and_is_sent_later(self, tmp_path, clock) -> None:
        book = Book()
        async with trader(tmp_path, clock, book, per_minute=2) as one:
            names = ("SBIN", "TCS", "INFY")
            await one.hold(*names)
            breaches = [await one.broken(name) for name in names]
            for breach, name in zip(breaches, names, strict=True):
                await one.follow(breach, name)
            assert len(book.placed) == 2
            assert (await one.outcome(breaches[2]))[0] == "ordered"
            await one.service.settle()
            assert len(book.placed) == 2
            clock.advance(61)
            await one.service.settle()
            await one.service.settle()
            assert len(book.placed) == 3
            assert [(await one.outcome(each))[0] for each in breaches] == ["filled"] * 3

    async def test_an_exit_that_nobody_acted_on_is_said_to_be_blocked(self, tmp_path, clock) -> None:
        async with trader(tmp_path, clock, Book()) as one:
            breach = await one.broken()
            await one.service.settle()
            assert (await one.outcome(breach))[0] == "pending"
            clock.advance(16 * 60)
            await one.service.settle()
            assert await one.outcome(breach) == ("blocked", "nobody acted on it in time")


class TestLeftBehind:
    async def test_what_a_living_process_is_at_work_on_is_left_alone(self, tmp_path, clock) -> None:
        book = Book()
        async with trader(tmp_path, clock, book) as one, trader(tmp_path, clock, book) as two:
            await two.owners.register()
            for status in (S.CREATED, S.SENDING, S.DOUBT):
                order = await one.left(owner=two.owners.owner, status=status, sent_at=clock.now())
                clock.advance(3600)
                await one.service.settle()
                assert (await one.orders())[-1]._replace(updated_at=None) == order
            assert (book.looks, book.placed) == (0, [])

    async def test_by_hand_and_never_sent_is_blocked_not_sent_late(self, tmp_path, clock) -> None:
        book = Book()
        async with trader(tmp_path, clock, book) as one:
            await one.hold("SBIN")
            await one.left()
            await one.service.settle()
            assert ((await one.only()).status, book.placed) == (S.BLOCKED, [])

    async def test_an_exit_never_sent_is_sent_while_it_is_wanted(self, tmp_path, clock) -> None:
        book = Book()
        async with trader(tmp_path, clock, book) as one:
            await one.hold("SBIN")
            breach = await one.broken()
            await one.left(breach_id=breach)
            await one.service.settle()
            assert len(book.placed) == 1

    async def test_an_exit_never_sent_is_blocked_once_nothing_is_held(self, tmp_path, clock) -> None:
        book = Book()
        async with trader(tmp_path, clock, book) as one:
            await one.hold("TCS")
            breach = await one.broken()
            await one.left(breach_id=breach)
            await one.service.settle()
            assert (book.placed, (await one.only()).status) == ([], S.BLOCKED)
            assert await one.outcome(breach) == ("blocked", "nothing is held any more")

    async def test_two_that_find_the_same_send_it_once(self, tmp_path, clock) -> None:
        book = Book()
        async with trader(tmp_path, clock, book) as one, trader(tmp_path, clock, book) as two:
            await one.hold("SBIN")
            await one.left(breach_id=await one.broken())
            await asyncio.gather(one.service.settle(), two.service.settle())
            assert len(book.placed) == 1

    async def test_sending_of_the_dead_is_found_by_its_tag(self, tmp_path, clock) -> None:
        book = Book()
        async with trader(tmp_path, clock, book) as one:
            order = await one.left(status=S.SENDING, sent_at=clock.now())
            await book.place(order)
            await one.service.settle()
            found = await one.only()
            assert (found.status, found.filled, len(book.placed)) == (S.COMPLETE, 10, 1)

    async def test_silence_counts_after_two_looks_and_the_time_set(self, tmp_path, clock) -> None:
        book = Book()
        async with trader(tmp_path, clock, book) as one:
            await one.left(status=S.SENDING, sent_at=clock.now())
            for seconds, status in ((1, S.DOUBT), (5, S.DOUBT), (5, S.UNPLACED)):
                clock.advance(seconds)
                await one.service.settle()
                assert (await one.only()).status is status
        async with trader(tmp_path / "late", clock, book) as late:
            await late.left(status=S.SENDING, sent_at=clock.now())
            clock.advance(3600)
            await late.service.settle()
            assert (await late.only()).status is S.DOUBT
            await late.service.settle()
            assert (await late.only()).status is S.UNPLACED

    async def test_ones_own_that_was_cut_off_is_looked_for(self, tmp_path, clock) -> None:
        book = Book(after=fails(asyncio.CancelledError()))
        async with trader(tmp_path, clock, book) as one:
            with pytest.raises(asyncio.CancelledError):
                await one.service.place(limit())
            assert (await one.only()).status is S.SENDING
            await one.service.settle()
            assert ((await one.only()).status, len(book.placed)) == (S.COMPLETE, 1)

    async def test_a_new_day_ends_what_its_book_no_longer_tells_of(self, tmp_path, clock) -> None:
        book = Book()
        async with trader(tmp_path, clock, book) as one:
            breach = await one.broken()
            yesterday = (clock.now() - DAY).date()
            await one.left(status=S.DOUBT, day=yesterday, sent_at=clock.now() - DAY)
            await one.left(
                status=S.OPEN, day=yesterday, sent_at=clock.now() - DAY, broker_order_id="9", breach_id=breach
            )
            await one.service.settle()
            assert [each.status for each in await one.orders()] == [S.UNPLACED, S.CANCELLED]
            assert (await one.outcome(breach))[0] == "unplaced"
            assert book.placed == []

    @pytest.mark.parametrize(("hours", "outcome"), [(1, "cancelled"), (7, "unplaced")])
    async def test_one_seen_cancelled_after_hours_has_outlived_its_day(self, tmp_path, clock, hours, outcome) -> None:
        """In hours somebody took it back (in Kite itself); after them its day ended, and the rule is judged anew."""
        book = Book(status=S.OPEN)
        async with trader(tmp_path, clock, book) as one:
            await one.hold("SBIN")
            breach = await one.broken()
            await one.follow(breach)
            (number,) = book.rows
            book.rows[number] = book.rows[number]._replace(status=S.CANCELLED, filled=4, average_price=Decimal(90))
            clock.advance(hours * 3600)
            await one.service.settle()
            found = await one.only()
            assert (found.status, found.filled, found.average_price) == (S.CANCELLED, 4, Decimal(90))
            assert (await one.outcome(breach))[0] == outcome
            await one.service.settle()
            assert (await one.outcome(breach))[0] == outcome

    async def test_what_rests_takes_over_what_the_book_says(self, tmp_path, clock) -> None:
        book = Book(status=S.OPEN)
        async with trader(tmp_path, clock, book) as one:
            placed = await one.service.place(limit())
            number = placed.order.broker_order_id or ""
            row = book.rows[number]
            book.rows[number] = row._replace(filled=4, average_price=Decimal("799.5"))
            await one.service.settle()
            found = await one.only()
            assert (found.status, found.filled, found.average_price) == (S.OPEN, 4, Decimal("799.5"))
            book.rows[number] = row._replace(filled=10, average_price=Decimal("799.9"), status=S.COMPLETE)
            await one.service.settle()
            await one.service.settle()
            assert (await one.only()).status is S.COMPLETE
            assert await one.told() == ["order.created", "order.placed", "order.filled", "order.filled"]


class TestCancel:
    async def test_what_rests_is_cancelled_at_the_broker(self, tmp_path, clock) -> None:
        book = Book(status=S.OPEN)
        async with trader(tmp_path, clock, book) as one:
            placed = await one.service.place(limit())
            assert (await one.service.cancel(placed.order.id[:20])).status is S.CANCELLED
            with pytest.raises(ValidationError, match="has ended"):
                await one.service.cancel(placed.order.id)

    async def test_a_refused_cancel_is_looked_up(self, tmp_path, clock) -> None:
        book = Book(status=S.OPEN, refuses=OrderRejectedError("the order is being processed"))
        async with trader(tmp_path, clock, book) as one:
            placed = await one.service.place(limit())
            with pytest.raises(OrderRejectedError, match="being processed; the order is open, 0 of 10 filled"):
                await one.service.cancel(placed.order.id)
            number = placed.order.broker_order_id or ""
            book.rows[number] = book.rows[number]._replace(filled=10, average_price=Decimal("799.5"), status=S.COMPLETE)
            with pytest.raises(OrderRejectedError, match="being processed; the order is complete, 10 of 10 filled"):
                await one.service.cancel(placed.order.id)
            found = await one.only()
            assert (found.status, found.filled, found.average_price) == (S.COMPLETE, 10, Decimal("799.5"))

    @pytest.mark.parametrize("error", [OrderRejectedError("it was cancelled already"), OutcomeUnknownError("timeout")])
    async def test_one_that_is_cancelled_after_all_is_shown_so(self, tmp_path, clock, error) -> None:
        book = Book(status=S.OPEN)
        async with trader(tmp_path, clock, book) as one:
            placed = await one.service.place(limit())
            number = placed.order.broker_order_id or ""
            book.rows[number] = book.rows[number]._replace(status=S.CANCELLED)
            book.refuses = error
            assert (await one.service.cancel(placed.order.id)).status is S.CANCELLED

    async def test_where_the_book_is_silent_too_the_first_error_stays(self, tmp_path, clock) -> None:
        book = Book(status=S.OPEN, refuses=OutcomeUnknownError("timeout"))
        async with trader(tmp_path, clock, book) as one:
            placed = await one.service.place(limit())
            with pytest.raises(OutcomeUnknownError, match=r"^timeout$"):
                await one.service.cancel(placed.order.id)
            book.deaf = ConnectionFailedError("down")
            with pytest.raises(OutcomeUnknownError, match=r"^timeout$"):
                await one.service.cancel(placed.order.id)
            assert (await one.only()).status is S.OPEN

    async def test_a_doubt_cannot_be_cancelled(self, tmp_path, clock) -> None:
        book = Book(after=fails(OutcomeUnknownError("timeout")), deaf=ConnectionFailedError("down"))
        async with trader(tmp_path, clock, book) as one:
            placed = await one.service.place(limit())
            with pytest.raises(ValidationError, match="found out"):
                await one.service.cancel(placed.order.id)

    async def test_all_of_them_also_under_the_stop(self, tmp_path, clock) -> None:
        book = Book(status=S.OPEN)
        async with trader(tmp_path, clock, book) as one:
            await one.service.place(limit())
            await one.left()
            await one.stop()
            found, problems = await one.service.cancel_all()
            assert ([each.status for each in found], problems) == ([S.CANCELLED, S.CANCELLED], ())
