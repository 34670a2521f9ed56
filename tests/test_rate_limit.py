"""The queue in front of a token bucket, on a clock that a test moves."""

from __future__ import annotations

import random

import anyio
import pytest

from sp_mcp.amazon.errors import WaitTooLong
from sp_mcp.amazon.rate_limit import JITTER
from sp_mcp.endpoint import Rate
from sp_mcp.quota import bucket
from sp_mcp.quota.store import MemoryStore
from sp_mcp.sandbox.buckets import Buckets
from tests.keepers import Keeper
from tests.queues import Queue

pytestmark = pytest.mark.anyio


async def test_turns_are_given_in_the_order_of_arrival_at_the_rate(make_queue):
    queue = make_queue()
    times = await queue.run(8)
    assert [number for number, _ in queue.went] == list(range(8))
    # A tenth of a second's worth of the burst is kept as slack.
    assert times == pytest.approx([0, 0, 0, 0, 0.1, 1.1, 2.1, 3.1])


async def test_an_operation_with_a_burst_of_one_is_asked_a_little_more_slowly_than_its_rate(make_queue):
    assert await make_queue(Rate(0.5, 1)).run(3) == pytest.approx([0, 2 + JITTER, 4 + 2 * JITTER])


@pytest.mark.parametrize("seed", range(12))
async def test_a_strict_bucket_never_refuses_whoever_waits_or_leaves(make_queue, seed):
    chance = random.Random(seed)  # noqa: S311 - to be repeatable
    rate = chance.choice([Rate(1, 5), Rate(10, 10), Rate(0.5, 1), Rate(2, 2)])
    queue = make_queue(rate)
    strict = Buckets(queue.clock)
    taken: list[bool] = []

    async def caller(number: int) -> None:
        await queue.clock.sleep(chance.uniform(0, 20))
        with anyio.CancelScope() as scope:
            if chance.random() < 0.3:
                tasks.start_soon(give_up, scope, chance.uniform(0, 5))
            await queue.turn(number)
            taken.append(strict.take("x", rate.per_second, rate.burst))

    async def give_up(scope: anyio.CancelScope, seconds: float) -> None:
        await queue.clock.sleep(seconds)
        scope.cancel()

    async with anyio.create_task_group() as tasks:
        for number in range(25):
            tasks.start_soon(caller, number)
    assert taken
    assert all(taken)


async def test_whoever_leaves_the_queue_moves_the_others_up_at_once(make_queue):
    queue = make_queue(Rate(5, 5))
    await queue.drain()
    async with anyio.create_task_group() as tasks:
        first = anyio.CancelScope()

        async def impatient() -> None:
            with first:
                await queue.turn(0)

        async def onlooker() -> None:
            await queue.clock.sleep(0.1)
            first.cancel()

        tasks.start_soon(impatient)
        await anyio.lowlevel.checkpoint()
        tasks.start_soon(queue.turn, 1)
        tasks.start_soon(onlooker)
    assert queue.went == [(1, pytest.approx(0.2))]


async def test_a_higher_rate_wakes_those_who_wait_and_a_lower_one_slows_them(make_queue):
    queue = make_queue()
    await queue.drain()
    async with anyio.create_task_group() as tasks:
        for number in range(3):
            tasks.start_soon(queue.turn, number)
        await queue.clock.sleep(0.2)
        await queue.follow(4)
    # A fifth of a token came at the old rate; at the new one the rest takes a quarter of the time.
    assert [when for _, when in queue.went] == pytest.approx([0.4, 0.65, 0.9])
    slow = make_queue()
    await slow.drain()
    await slow.follow(0.5)
    assert await slow.run(1) == pytest.approx([2])


@pytest.mark.parametrize(("told", "interval"), [(20, 0.1), (1e-9, 10)])
async def test_a_rate_is_believed_within_ten_times_of_what_is_documented(make_queue, told, interval):
    queue = make_queue()
    await queue.follow(told)
    await queue.drain()
    times = await queue.run(3)
    assert times[2] - times[1] == pytest.approx(interval, rel=0.01)


async def test_a_rate_is_followed_again_after_the_bucket_has_forgotten_it(make_queue):
    queue = make_queue()
    for _ in range(2):
        await queue.drain()
        await queue.follow(0.5)
        assert await queue.run(1) == pytest.approx([2], abs=0.2)
        queue.clock.advance(10_000)
        # Whoever asks after more than an hour finds the documented rate again.
        await queue.turn(0)


async def test_a_rate_that_is_out_of_the_band_is_followed_once(make_queue):
    queue = make_queue()
    store = queue.limiter._store
    acts: list[str] = []
    run = store.run

    async def watch(key, plan, act, *values, strict=False):
        acts.append(act)
        return await run(key, plan, act, *values, strict=strict)

    store.run = watch
    for _ in range(5):
        await queue.turn(0)
        await queue.follow(50)
    assert acts.count("follow") == 1


async def test_after_a_429_everybody_waits_and_twice_as_long_after_the_next(make_queue):
    for times, least in ((1, 1), (2, 2), (3, 4)):
        queue = make_queue()
        await queue.pause(None, times)
        assert await queue.run(2) == pytest.approx([least, least + 1])


async def test_a_retry_after_counts_where_it_is_longer_and_is_not_shortened_by_another_429(make_queue):
    queue = make_queue()
    await queue.pause(0)
    assert await queue.run(1) == pytest.approx([1])
    queue = make_queue()
    await queue.pause(30)
    await queue.pause(None)
    assert await queue.run(1) == pytest.approx([30])


async def test_a_turn_that_is_too_late_is_refused_at_once_and_says_when(make_queue):
    queue = make_queue()
    await queue.drain()
    with pytest.raises(WaitTooLong) as caught:
        await queue.turn(0, most=0.5)
    assert caught.value.seconds == pytest.approx(1)
    assert queue.clock.time == queue.start
    fresh = make_queue()
    await fresh.turn(0, most=0)
    assert fresh.went == [(0, 0)]


async def test_whoever_waits_already_is_refused_when_a_429_moves_the_turn_too_far(make_queue):
    queue = make_queue()
    await queue.drain()
    refused = []

    async def caller() -> None:
        try:
            await queue.turn(0, most=5)
        except WaitTooLong:
            refused.append(queue.clock.time - queue.start)

    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(caller)
        await queue.clock.sleep(0.3)
        await queue.pause(60)
    assert refused == [pytest.approx(0.3)] * 3
    # Its place is free again.
    assert (await queue.run(1))[0] == pytest.approx(60.3)


async def test_everybody_in_the_queue_hears_about_their_own_turn(make_queue):
    queue = make_queue()
    await queue.drain()
    heard: dict[int, list[float]] = {0: [], 1: [], 2: []}

    async def wait(number: int) -> None:
        async def on_wait(seconds: float) -> None:
            heard[number].append(round(seconds, 1))

        await queue.turn(number, on_wait=on_wait)

    async with anyio.create_task_group() as tasks:
        for number in heard:
            tasks.start_soon(wait, number)
    assert heard == {0: [1], 1: [2, 1], 2: [3, 2, 1]}


async def test_a_rate_heard_during_a_pause_does_not_end_it(make_queue):
    queue = make_queue()
    await queue.pause(30)
    await queue.follow(10)
    assert await queue.run(1) == pytest.approx([30])


async def test_the_seconds_left_are_told_every_second(make_queue):
    queue = make_queue()
    await queue.pause(3)
    heard: list[float] = []

    async def on_wait(seconds: float) -> None:
        heard.append(round(seconds, 1))

    await queue.turn(0, on_wait=on_wait)
    assert heard == [3, 2, 1]


async def test_somebody_who_does_not_listen_holds_nobody_up(monkeypatch):
    # A deaf host takes real time, so the heartbeat is shortened; in Redis it could not be.
    monkeypatch.setattr(bucket, "HEARTBEAT", 0.01)
    queue = Queue(Keeper(MemoryStore))
    await queue.drain()

    async def deaf(_: float) -> None:
        await anyio.sleep_forever()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lambda: queue.turn(0, on_wait=deaf))
        await anyio.lowlevel.checkpoint()
        tasks.start_soon(queue.turn, 1)
        with anyio.fail_after(20):
            while len(queue.went) < 2:
                await queue.clock.sleep(0.01)
        tasks.cancel_scope.cancel()
