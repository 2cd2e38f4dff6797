"""Settlement: the books, the one place where money moves.

    order      users > escrow (price less vouchers), programs > escrow (vouchers, top-ups), users > outside (shipping)
    payout     escrow > sellers (price - fee - commission), > platform (fee), > creators (commission + top-up)
    return     escrow > users, escrow > programs, outside > users: every line of the order, backwards
    programs   programs > creators, sellers (bonuses), > outside (costs)
    goods      sellers > outside;  paydays  outside > users;  overflow and withdrawals  > outside

Whole rupiah in int64, two sides at a time. What an order pays waits in escrow until
``fulfilment`` has decided whether it comes back. Every evening the books are compared with the lines:
an account that has moved by anything else is a ``LedgerError``.
"""

import numpy as np

from sim.ledger import Journal, check_books
from sim.mechanism import Mechanism, Phase, Today
from sim.params import param
from sim.state import Channel, Orders, Parcel, Status
from sim.tables import concatenate


class Settlement(Mechanism):
    """Move the money of the day."""

    phase = Phase.EVENING
    says = "the books: orders, payouts, returns, bonuses, goods, paydays, withdrawals"

    wallet_months: float = param(
        2.0, "Wallets hold at most this many monthly budgets", unit="month", low=1, high=24, source="prototype"
    )

    def step(self, today: Today) -> None:
        journal = Journal(today.state, today.flows.settled)
        take_orders(today, journal)
        closed = [p for p in today.state.parcels if not np.any(p.orders.status == Status.OPEN)]
        for parcel in closed:
            pay_out(today, parcel, journal)
            reverse(today, parcel, journal)
            today.state.parcels.remove(parcel)
        today.flows.closed = concatenate([Orders.empty(0), *(parcel.orders for parcel in closed)])
        pay_bonuses(today, journal)
        pay_costs(today, journal)
        pay_goods(today, journal)
        pay_budgets(today, journal, self.wallet_months)
        self.withdraw(today, journal)
        check_books(today, journal)

    def withdraw(self, today: Today, journal: Journal) -> None:
        """Let creators withdraw once a week, and sellers what exceeds their working capital."""
        state = today.state
        due = np.where((state.creators.id + today.counter) % 7 == 0, state.creators.cash, 0)
        journal.move("withdrawal", "creators", "outside", due, of=np.arange(len(due)))
        spare = np.maximum(state.sellers.cash - state.sellers.working_capital, 0)
        journal.move("withdrawal", "sellers", "outside", spare, of=np.arange(len(spare)))


def take_orders(today: Today, journal: Journal) -> None:
    """Move what buyers and programs pay for today's orders into escrow, and shipping to couriers."""
    flows = today.flows
    taken = flows.orders.take(flows.orders.status != Status.SOLD_OUT)
    journal.move("order", "users", "escrow", taken.price - taken.subsidy, of=taken.user)
    journal.move("shipping", "users", "outside", taken.shipping, of=taken.user)
    dues = flows.dues.take(flows.orders.status[flows.dues.order] != Status.SOLD_OUT)
    journal.move("subsidy", "programs", "escrow", dues.subsidy, of=dues.program)
    journal.move("top-up", "programs", "escrow", dues.top_up, of=dues.program)
    journal.move("shipping", "programs", "outside", dues.shipping, of=dues.program)


def pay_out(today: Today, parcel: Parcel, journal: Journal) -> None:
    """Move the money of kept orders from escrow to seller, platform and creator."""
    creators = today.state.creators
    kept = parcel.orders.take(parcel.orders.status == Status.PAID_OUT)
    journal.move("payout", "escrow", "sellers", kept.price - kept.fee - kept.commission, to=kept.seller)
    journal.move("fee", "escrow", "platform", kept.fee)
    shown = kept.take(kept.shown_by_creator(len(creators)))
    journal.move("commission", "escrow", "creators", shown.commission, to=shown.host)
    journal.move("top-up", "escrow", "creators", shown.top_up, to=shown.host)
    live = shown.channel == Channel.LIVE
    np.add.at(creators.earned_live, shown.host[live], shown.commission[live])
    np.add.at(creators.earned_video, shown.host[~live], shown.commission[~live])
    np.add.at(creators.earned_bonus, shown.host, shown.top_up)


def reverse(today: Today, parcel: Parcel, journal: Journal) -> None:
    """Give back every line of returned orders, to programs that have closed too."""
    back = parcel.orders.take(parcel.orders.status == Status.RETURNED)
    dues = parcel.dues.take(parcel.orders.status[parcel.dues.order] == Status.RETURNED)
    journal.move("return", "escrow", "users", back.price - back.subsidy, to=back.user)
    journal.move("return of shipping", "outside", "users", back.shipping, to=back.user)
    journal.move("return", "escrow", "programs", dues.subsidy + dues.top_up, to=dues.program)
    journal.move("return of shipping", "outside", "programs", dues.shipping, to=dues.program)


def pay_bonuses(today: Today, journal: Journal) -> None:
    """Pay what programs owe to hosts apart from orders."""
    creators = today.state.creators
    for bonus in today.flows.bonuses:
        to_creator = bonus.hosts < len(creators)
        hosts, amounts = bonus.hosts[to_creator], bonus.amounts[to_creator]
        journal.move("bonus", "programs", "creators", amounts, of=bonus.program, to=hosts)
        np.add.at(creators.earned_bonus, hosts, amounts)
        sellers, amounts = bonus.hosts[~to_creator] - len(creators), bonus.amounts[~to_creator]
        journal.move("bonus", "programs", "sellers", amounts, of=bonus.program, to=sellers)


def pay_costs(today: Today, journal: Journal) -> None:
    """Pay what programs owe to people outside the market."""
    for cost in today.flows.costs:
        journal.move("cost", "programs", "outside", np.array([cost.amount], np.int64), of=cost.program)
    for program in today.flows.exhausted:
        today.state.books.spent_up[program] = min(today.state.books.spent_up[program], today.counter)


def pay_goods(today: Today, journal: Journal) -> None:
    """Let sellers pay for the goods that they ordered this morning."""
    bought = np.flatnonzero(today.flows.restocked)
    cost = today.flows.restocked[bought] * today.state.products.cost[bought]
    journal.move("goods", "sellers", "outside", cost, of=today.state.products.seller[bought])


def pay_budgets(today: Today, journal: Journal, months: float) -> None:
    """Fill the wallets whose payday it is; what exceeds the largest wallet goes back outside."""
    users = today.state.users
    paid = np.flatnonzero(users.payday == today.date.pay_days)
    journal.move("payday", "outside", "users", users.budget[paid], to=paid)
    most = np.maximum((months * users.budget[paid]).astype(np.int64), users.wallet[paid] - users.budget[paid])
    journal.move("overflow", "users", "outside", np.maximum(users.wallet[paid] - most, 0), of=paid)
