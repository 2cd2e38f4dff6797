"""Terms: what each order will pay to whom; fixed when it is made.

    commission = share_s price            if a creator showed it (a seller's own account takes none)
    fee        = min(rate_d price lever_s + per order_d lever_s, price - commission)
    top-up     = share_c price            for each program that tops up

The rates ``d`` of the platform fee are a dated series.
"""

import datetime

import numpy as np
from numba import njit

from sim.mathematics import rupiah
from sim.mechanism import Mechanism, Phase, Today
from sim.params import param
from sim.state import Dues
from sim.tables import NOTHING, concatenate


class Terms(Mechanism):
    """Fix fee, commission and top-ups of today's orders."""

    phase = Phase.AFTER
    says = "platform fee, commission and top-ups of each order are fixed"

    fee_2024: float = param(0.07, "Platform fee before 1 October 2025", unit="share of price", low=0, high=0.5)
    fee_2025: float = param(
        0.08, "Platform fee from 1 October 2025", unit="share of price", low=0, high=0.5, source="C2"
    )
    fee_2026: float = param(
        0.0697, "Platform fee from 13 February 2026", unit="share of price", low=0, high=0.5, source="C2"
    )
    per_order: int = param(
        1_250, "Order processing fee from 11 August 2025", unit="Rp/order", low=0, high=100_000, source="C3"
    )

    def step(self, today: Today) -> None:
        state, orders = today.state, today.flows.orders
        share, per_order = self.rates(today.date.date)
        split(orders.arrays, state.sellers.commission, today.levers.fee, len(state.creators), share, per_order)
        add_top_ups(today)

    def rates(self, date: datetime.date) -> tuple[float, int]:
        """Return the platform fee of a date: share of price, and rupiah per order."""
        share = self.fee_2024
        if date >= datetime.date(2026, 2, 13):
            share = self.fee_2026
        elif date >= datetime.date(2025, 10, 1):
            share = self.fee_2025
        return share, self.per_order if date >= datetime.date(2025, 8, 11) else 0


def add_top_ups(today: Today) -> None:
    """Add what each program tops up to the dues of today's orders."""
    orders, flows = today.flows.orders, today.flows
    by_creator = np.flatnonzero(orders.shown_by_creator(len(today.state.creators)))
    added = [flows.dues]
    for top_up in today.levers.top_ups:
        share = top_up.share[orders.host[by_creator]].astype(np.float64)
        dues = Dues.empty(len(by_creator))
        dues.order[:], dues.program[:] = by_creator, top_up.program
        dues.top_up[:] = np.floor(orders.price[by_creator] * share + 0.5)
        orders.top_up[by_creator] += dues.top_up
        added.append(dues)
    flows.dues = concatenate(added)


@njit(cache=True)
def split_price(price, commission_share, fee_share, per_order):
    """Return (fee, commission) of an order [Rp]; together never more than the price."""
    commission = min(rupiah(price * commission_share), price)
    return min(rupiah(price * fee_share) + per_order, price - commission), commission


@njit(cache=True, nogil=True)
def split(orders, commission, fee_lever, n_creators, share, per_order):
    """Write fee and commission of each order, in place."""
    for o in range(orders.price.shape[0]):
        s, h = orders.seller[o], orders.host[o]
        by_creator = h != NOTHING and h < n_creators
        rate = commission[s] if by_creator else 0.0
        lever = fee_lever[s]
        orders.fee[o], orders.commission[o] = split_price(orders.price[o], rate, share * lever, int(per_order * lever))
