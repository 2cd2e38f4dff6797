"""Small interventions whose effect is known from the literature: the lab's programs and laid-on hands."""

import numpy as np
import pydantic

from experiments.scorecard.lab import Prepare
from sim.levers import Voucher
from sim.mechanism import Program, Today
from sim.state import Channel, State
from sim.tables import NEVER, NOTHING, Column


class Probe(Program):
    """A program that knows its targets by row; for one lab only."""

    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)


class Placebo(Probe):
    """Does nothing."""


class PriceCut(Probe):
    """Cuts the price of some products for everybody."""

    products: Column  # (n_products,) bool
    share: float

    def pull(self, today: Today, me: int) -> None:
        everybody = np.full(len(today.state.users), self.share, np.float32)
        today.levers.vouchers.append(Voucher(me, everybody, self.products))


class HostBoost(Probe):
    """Multiplies the exposure of some hosts in the feed."""

    hosts: Column  # (n_hosts,) bool
    times: float

    def pull(self, today: Today, me: int) -> None:
        today.levers.exposure[self.hosts] *= self.times


class OneDayOfPosts(Probe):
    """Lets some hosts post several times as much on day 0, and as usual from then on."""

    hosts: Column  # (n_hosts,) bool
    times: float

    def pull(self, today: Today, me: int) -> None:
        if today.day == 0:
            today.levers.effort[self.hosts] *= self.times


class Closed(Probe):
    """Closes a channel."""

    channel: int

    def pull(self, today: Today, me: int) -> None:
        today.levers.open[Channel(self.channel)] = False


def without_followers(hosts: Column, share: Column) -> Prepare:
    """Return a hand that takes a part ``share`` (n_users,) bool of their followers from ``hosts`` (n_hosts,) bool."""

    def prepare(state: State) -> None:
        users = state.users
        goes = (users.follows != NOTHING) & hosts[users.follows] & share[:, None]
        lost = np.bincount(users.follows[goes], minlength=len(hosts))
        order = np.argsort(goes, axis=1, kind="stable")  # who is kept moves up
        users.follows[:] = np.take_along_axis(np.where(goes, NOTHING, users.follows), order, axis=1)
        users.engaged_on[:] = np.take_along_axis(users.engaged_on, order, axis=1)
        users.n_follows[:] -= goes.sum(axis=1).astype(users.n_follows.dtype)
        state.hosts.followers[:] -= lost.astype(state.hosts.followers.dtype)

    return prepare


def nobody_adopts_live(state: State) -> None:
    """Let no more sellers adopt LIVE."""
    state.sellers.live_threshold[state.sellers.live_since == NEVER] = np.inf
