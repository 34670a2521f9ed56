"""Buckets that several processes share, wherever they are kept, on a clock that a test moves."""

from __future__ import annotations

import itertools
from functools import partial

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sp_mcp.amazon.errors import WaitTooLong
from sp_mcp.endpoint import Rate
from sp_mcp.quota.bucket import HEARTBEAT, IDLE, Act, Plan, Turn
from sp_mcp.quota.store import Key, MemoryStore, Store
from sp_mcp.sandbox.buckets import Buckets
from tests.fakes import FakeClock
from tests.keepers import Keeper
from tests.queues import SLOW, Queue

pytestmark = pytest.mark.anyio

JITTER = 0.1
ACCOUNTS = (f"account {number}" for number in itertools.count())
FAST = Rate(10, 10)
RATES = [SLOW, FAST, Rate(0.0083, 15), Rate(0.5, 1), Rate(10, 1), Rate(2, 2)]
MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Asker:
    """Asks a bucket without waiting, as whatever process it likes to be."""

    def __init__(self, store: Store, rate: Rate = SLOW, account: str = "account") -> None:
        self._store = store
        self._key = Key(account, "operation")
        self.plan = Plan(rate, JITTER)

    async def __call__(self, who: str, patience: float = 1e9) -> Turn:
        return await self.act("ask", who, 1.0, patience)

    async def act(self, act: Act, *values: str | float) -> Turn:
        return await self._store.run(self._key, self.plan, act, *values)


async def test_processes_take_turns_however_many_calls_each_has(make_queue):
    queue = make_queue()
    await queue.drain()
    for _ in range(2):
        queue.process()
    async with anyio.create_task_group() as tasks:
        for process in range(3):
            for _ in range(4):
                tasks.start_soon(partial(queue.turn, process, process=process))
            await queue.clock.sleep(0.01)
    assert [process for process, _ in queue.went] == [0, 1, 2] * 4
    assert [when for _, when in queue.went] == pytest.approx(range(1, 13), abs=0.02)


async def test_whoever_comes_later_stands_behind_the_other_processes_even_where_tokens_come_back(make_queue):
    queue = make_queue()
    await queue.drain()
    queue.process()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(queue.turn, 0)
        await queue.clock.sleep(0.5)
        tasks.start_soon(lambda: queue.turn(1, process=1))
    assert queue.went == [(0, pytest.approx(1)), (1, pytest.approx(2))]


@pytest.mark.parametrize("rate", [SLOW, Rate(1, 1), Rate(5, 1)], ids=str)
async def test_a_process_that_is_killed_while_it_waits_costs_the_others_one_slot_at_most(make_queue, rate):
    slot = 1 / rate.per_second + (JITTER if rate.burst == 1 else 0)
    for place in range(3):
        queue = make_queue(rate)
        await queue.drain()
        ghost = Asker(queue.keeper.open(queue.clock), account=queue.account)
        async with anyio.create_task_group() as tasks:
            for process in range(3):
                if process == place:
                    await ghost("ghost")
                queue.process()
                tasks.start_soon(partial(queue.turn, process, process=process + 1))
                await queue.clock.sleep(0.01)
        due = [slot, 2 * slot, 3 * slot]
        assert all(when <= at + slot + 0.011 for (_, when), at in zip(queue.went, due, strict=True))


async def test_a_call_that_is_given_up_moves_the_other_processes_up(make_queue):
    queue = make_queue()
    await queue.drain()
    queue.process()
    async with anyio.create_task_group() as tasks:
        impatient = anyio.CancelScope()

        async def leave() -> None:
            with impatient:
                await queue.turn(0)

        tasks.start_soon(leave)
        await queue.clock.sleep(0.01)
        tasks.start_soon(lambda: queue.turn(1, process=1))
        await queue.clock.sleep(0.3)
        impatient.cancel()
    assert queue.went == [(1, pytest.approx(1, abs=0.02))]


async def test_a_token_that_was_taken_for_a_call_that_has_gone_is_put_back(keeper):
    clock = FakeClock()
    store: Store = keeper.open(clock)

    class Abandoned(Store):
        async def run(self, key, plan, act, *values, strict=False) -> Turn:
            turn = await store.run(key, plan, act, *values)
            if turn.granted:
                scope.cancel()
            return turn

        async def snapshots(self, account):
            return await store.snapshots(account)

    ask = Asker(store)
    full = await drained(ask)
    queue = Queue(Keeper(lambda _: Abandoned()), clock=clock, account="account")
    clock.advance(60)
    with anyio.CancelScope() as scope:
        await queue.turn(0)
    assert scope.cancelled_caught
    assert await drained(ask) == full


async def drained(ask: Asker) -> int:
    """How many tokens there were; there is none afterwards."""
    count = 0
    while (await ask("drain", 0)).granted:
        count += 1
    return count


async def test_a_place_in_line_is_free_again_once_its_turn_is_too_late(keeper):
    ask = Asker(keeper.open(FakeClock()))
    await drained(ask)
    assert (await ask("me")).joined
    assert (await ask.act("peek")).seconds == pytest.approx(1.1)
    await ask.act("pause", 60.0, 1.0)
    late = await ask("me", 10)
    assert not late.joined
    assert late.seconds == pytest.approx(60)
    assert (await ask.act("peek")).seconds == pytest.approx(60)


async def test_a_rate_that_falls_during_a_pause_does_not_lengthen_it(keeper):
    ask = Asker(keeper.open(FakeClock()))
    await ask.act("pause", 30.0, 1.0)
    await ask.act("follow", 0.1)
    assert (await ask.act("peek")).seconds == pytest.approx(30)


async def test_a_token_put_back_in_a_pause_is_void(keeper):
    clock = FakeClock()
    ask = Asker(keeper.open(clock))
    await ask.act("pause", 10.0, 1.0)
    await ask.act("refund")
    clock.advance(10)
    assert await drained(ask) == 1


async def test_a_call_that_is_refused_leaves_the_place_to_more_patient_ones_of_its_process(make_queue):
    queue = make_queue()
    await queue.drain()
    queue.process()

    async def impatient() -> None:
        with pytest.raises(WaitTooLong):
            await queue.turn(0, most=5)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(impatient)
        await queue.clock.sleep(0.01)
        tasks.start_soon(lambda: queue.turn(1))
        await queue.clock.sleep(0.01)
        tasks.start_soon(lambda: queue.turn(2, process=1))
        await queue.clock.sleep(0.1)
        await queue.pause(10)
    assert [number for number, _ in queue.went] == [1, 2]


async def test_a_call_behind_others_is_told_its_turn_by_the_calls_that_are_really_there(make_queue):
    queue = make_queue()
    await queue.drain()
    queue.process()
    queue.process()
    async with anyio.create_task_group() as tasks:
        for process in range(3):
            tasks.start_soon(partial(queue.turn, process, process=process))
            await queue.clock.sleep(0.01)
        told: list[float] = []

        async def on_wait(seconds: float) -> None:
            told.append(seconds)

        await queue.clock.sleep(HEARTBEAT)
        tasks.start_soon(lambda: queue.turn(3, process=1))
        await queue.clock.sleep(0.01)
        tasks.start_soon(lambda: queue.turn(4, process=1, on_wait=on_wait))
        await queue.clock.sleep(0.01)
    # The other processes have one call each in line, and no more.
    assert queue.went[-1] == (4, pytest.approx(5, abs=0.05))
    assert told[0] == pytest.approx(5 - HEARTBEAT, abs=0.1)


async def test_what_amazon_tells_one_process_holds_for_all(make_queue):
    queue = make_queue()
    await queue.drain()
    queue.process()
    await queue.follow(0.5)
    await queue.turn(0, process=1)
    assert queue.went == [(0, pytest.approx(2))]
    await queue.pause(30)
    await queue.turn(1, process=1)
    assert queue.went[1:] == [(1, pytest.approx(32))]
    await queue.follow(4, process=1)
    await queue.turn(2)
    assert queue.went[2:] == [(2, pytest.approx(32.25))]


async def test_whoever_waits_in_another_process_hears_of_a_pause_before_going(make_queue):
    queue = make_queue()
    await queue.drain()
    queue.process()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lambda: queue.turn(0, process=1))
        await queue.clock.sleep(0.9)
        await queue.pause(10)
    assert queue.went == [(0, pytest.approx(10.9))]


@pytest.mark.parametrize("rate", RATES, ids=str)
async def test_a_clock_that_starts_anew_neither_stalls_nor_floods(keeper, rate):
    clock = FakeClock()
    clock.time = 1e6
    ask = Asker(keeper.open(clock), rate)
    await ask.act("pause", 5000.0, 1.0)
    clock.time = 30.0
    turn = await ask("me", 1e9)
    assert not turn.granted
    assert turn.seconds <= 1 / rate.per_second + JITTER
    clock.advance(turn.seconds)
    assert (await ask("me", 0)).granted
    assert not (await ask("other", 0)).granted


@pytest.mark.parametrize("step", [0.4, 2.0])
async def test_a_clock_that_jumps_back_and_forth_gives_no_token_twice(keeper, step):
    clock = FakeClock()
    ask = Asker(keeper.open(clock), FAST)
    granted = await drained(ask)
    for number in range(40):
        clock.advance(step if number % 2 else -step)
        granted += await drained(ask)
    # Time has gone forward by nothing in all; each jump ahead may count once as time.
    assert granted <= FAST.burst + FAST.per_second * step * 20
    if step < 1:
        assert granted <= FAST.burst


async def test_a_bucket_nobody_used_for_an_hour_is_full_and_has_its_documented_rate(keeper):
    clock = FakeClock()
    ask = Asker(keeper.open(clock))
    full = await drained(ask)
    await ask.act("follow", 0.1)
    clock.advance(10)
    assert await drained(ask) == 1
    clock.advance(IDLE + 1)
    assert await drained(ask) == full
    assert (await ask.act("peek")).per_second == SLOW.per_second


async def test_a_bucket_that_needs_longer_than_an_hour_to_fill_is_not_full_after_one(keeper):
    clock = FakeClock()
    ask = Asker(keeper.open(clock), Rate(0.0083, 15))
    await drained(ask)
    await ask.act("follow", 0.001)
    clock.advance(IDLE + 100)
    # Three in that time, and what was left of one.
    assert await drained(ask) == 4


@given(
    rate=st.sampled_from(RATES),
    steps=st.lists(
        st.tuples(
            st.sampled_from(["ask"] * 6 + ["leave"]),
            st.sampled_from("abcd"),
            st.sampled_from([0.0, 1.0, 1e9]),
            st.sampled_from([0.0, 0.001, 0.3, 1 / 3, 1.0, 20.0]),
            st.floats(0, JITTER),
        ),
        min_size=1,
        max_size=60,
    ),
)
@MANY
async def test_no_schedule_gets_more_than_burst_and_rate_times_time(keeper, rate, steps):
    """Processes come, come back late, leave and die; requests travel with up to the jitter that is allowed for."""
    clock = FakeClock()
    ask = Asker(keeper.open(clock), rate, account=next(ACCOUNTS))
    interval = 1 / rate.per_second
    granted: list[float] = []
    arrivals: list[float] = []
    for act, who, patience, passes, travel in steps:
        if act == "leave":
            await ask.act("leave", who)
        elif (await ask(who, patience * interval)).granted:
            granted.append(clock.time)
            arrivals.append(clock.time + travel)
        clock.advance(passes * interval)
    strict_clock = FakeClock()
    strict = Buckets(strict_clock)
    for strict_clock.time in sorted(arrivals):
        assert strict.take("x", rate.per_second, rate.burst)
    for first, last in itertools.combinations_with_replacement(range(len(granted)), 2):
        assert last - first + 1 <= rate.burst + rate.per_second * (granted[last] - granted[first]) + 1e-6


ACTS = st.one_of(
    st.tuples(st.just("ask"), st.sampled_from("abc"), st.sampled_from([1.0, 3.0]), st.sampled_from([0.0, 2.0, 1e9])),
    st.tuples(st.just("leave"), st.sampled_from("abc")),
    st.tuples(st.sampled_from(["refund", "drain"])),
    st.tuples(st.just("follow"), st.sampled_from([0.001, 0.5, 1.7, 300.0])),
    st.tuples(st.just("pause"), st.sampled_from([0.0, 7.5]), st.sampled_from([1.0, 2.0, 9.0])),
    st.tuples(st.just("peek")),
)
PASSES = st.sampled_from([0.0, 0.05, 0.2, 0.35, 0.7, 1.0, 1.2, 30.0, 7200.0, -0.5, -50.0])


@given(
    rate=st.sampled_from(RATES), empty=st.booleans(), steps=st.lists(st.tuples(ACTS, PASSES), min_size=1, max_size=25)
)
@MANY
async def test_all_keepers_do_the_same(keeper, rate, empty, steps):
    """One algorithm is written twice: in Python and, for Redis, in Lua."""
    clock = FakeClock()
    plan = Plan(rate, JITTER, empty=empty)
    account = next(ACCOUNTS)
    stores = [MemoryStore(clock), keeper.open(clock)]
    for (act, *values), passes in steps:
        turns = [await store.run(Key(account, "x"), plan, act, *values) for store in stores]
        assert (turns[1].granted, turns[1].joined) == (turns[0].granted, turns[0].joined)
        assert turns[1].others == turns[0].others
        for name in ("seconds", "back_in", "interval", "per_second"):
            assert getattr(turns[1], name) == pytest.approx(getattr(turns[0], name), rel=1e-9, abs=1e-9)
        clock.advance(passes)
    mine = [kept for kept in await stores[1].snapshots(account) if kept.mine]
    for kept, other in zip(mine, await stores[0].snapshots(account), strict=True):
        assert kept.operation == other.operation
        assert kept.bucket.level == pytest.approx(other.bucket.level)
        assert [t.id for t in kept.bucket.line] == [t.id for t in other.bucket.line]


async def test_a_bucket_that_was_lost_begins_empty_for_those_who_used_it(keeper):
    clock = FakeClock()
    ask = Asker(keeper.open(clock))
    ask.plan = Plan(SLOW, JITTER, empty=True)
    assert (await ask("me")).seconds == pytest.approx(1)


async def test_looking_shows_what_is_in_use_and_changes_nothing(keeper):
    clock = FakeClock()
    store = keeper.open(clock)
    ask = Asker(store, account="my account")
    taken = await drained(ask)
    await ask.act("ask", "host/7/x/0", 3.0, 100.0)
    await Asker(store, FAST, account="another account")("other")
    await Asker(store, FAST, account="old account")("old")
    for _ in range(2):
        mine, other = sorted(
            (k for k in await store.snapshots("my account") if k.bucket.plan), key=lambda k: not k.mine
        )[:2]
        assert mine.operation == "operation"
        assert (mine.mine, other.mine) == (True, False)
        assert mine.bucket.level == pytest.approx(SLOW.burst - JITTER - taken)
        assert [(t.id, t.waiting) for t in mine.bucket.line] == [("host/7/x/0", 3)]
    clock.advance(IDLE + 1)
    assert list(await store.snapshots("my account")) == []
