"""One day: programs pull, the phases run in order, programs bill, the books close.

The users' phase runs block by block. A block is also what threads share out: each writes the rows of
its users, and counts of its own that are added up afterwards. Counts are integers and orders are put
together in the order of blocks, so neither the size of blocks nor the number of threads changes a bit.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from sim.flows import Block, Counts, Offers
from sim.mechanism import Plan, Program, Today
from sim.state import Dues, Orders
from sim.tables import NOTHING, concatenate

#: Users in a block: their offers (about 1 MB) stay in the cache of one core.
BLOCK = 8_192


@dataclass(frozen=True)
class Machine:
    """How a day is computed; nothing of it changes the result."""

    threads: int = os.cpu_count() or 1
    block: int = BLOCK


def simulate(plan: Plan, programs: tuple[Program, ...], today: Today, machine: Machine) -> None:
    """Simulate one day, in place."""
    for me, program in enumerate(programs):
        program.pull(today, me)
    for mechanism in plan.before:
        mechanism.step(today)
    simulate_users(plan, today, machine)
    for mechanism in plan.after:
        mechanism.step(today)
    for me, program in enumerate(programs):
        program.bill(today, me)
    for mechanism in plan.evening:
        mechanism.step(today)


def simulate_users(plan: Plan, today: Today, machine: Machine) -> None:
    """Run the users' phase over all blocks, and gather counts and orders in ``today.flows``."""
    for mechanism in plan.users:
        mechanism.prepare(today)
    starts = range(0, len(today.state.users), machine.block)
    threads = max(1, min(machine.threads, len(starts)))
    shares = [starts[k::threads] for k in range(threads)]
    if threads == 1:
        done = [_share(plan, today, machine.block, share) for share in shares]
    else:
        with ThreadPoolExecutor(threads) as pool:
            done = list(pool.map(lambda share: _share(plan, today, machine.block, share), shares))
    for counts, _ in done:
        today.flows.counts.add(counts)
    parts = sorted((part for _, parts in done for part in parts), key=lambda part: part[0])
    today.flows.orders = concatenate([Orders.empty(0), *(orders for _, orders, _ in parts)])
    today.flows.dues = concatenate([Dues.empty(0), *_renumbered(parts)])


Part = tuple[int, Orders, Dues]


def _share(plan: Plan, today: Today, size: int, starts: range) -> tuple[Counts, list[Part]]:
    """Run the blocks that begin at ``starts``, one after the other, in the same memory."""
    counts = Counts.empty(len(today.state.hosts), len(today.flows.rooms))
    users = len(today.state.users)
    memory = Offers.empty(min(size, users))
    parts: list[Part] = []
    for start in starts:
        stop = min(start + size, users)
        block = Block(start, stop, _cleared(memory, stop - start), counts)
        for mechanism in plan.users:
            mechanism.act(today, block)
        parts.append((start, block.orders or Orders.empty(0), block.dues or Dues.empty(0)))
    return counts, parts


def _cleared(memory: Offers, n: int) -> Offers:
    """Return the first ``n`` rows of ``memory``, emptied."""
    offers = Offers(**{name: getattr(memory, name)[:n] for name in memory.columns()})
    offers.count[:] = 0
    offers.n_engaged[:] = 0
    offers.online[:] = False
    offers.ordered[:] = NOTHING
    return offers


def _renumbered(parts: list[Part]) -> Iterator[Dues]:
    """Yield the dues of each part, their orders counted from the first of the day."""
    before = 0
    for _, orders, dues in parts:
        dues.order[:] = dues.order + np.int32(before)
        before += len(orders)
        yield dues
