"""The books, a line at a time; which lines there are is in ``sim/mechanisms/settlement.py``."""

import numpy as np

from sim.ledger import Journal, check_books
from sim.mathematics import rupiah
from sim.mechanism import Today
from sim.mechanisms.funding import purses, turns
from sim.mechanisms.settlement import Settlement
from sim.mechanisms.terms import Terms, split_price
from sim.plain.people import People
from sim.state import Channel, Dues, Orders, Parcel, Status
from sim.tables import NEVER, NOTHING, concatenate


def fix_terms(rules: Terms, today: Today, people: People) -> None:
    """Write fee, commission and top-ups of today's orders."""
    orders, (share, per_order) = today.flows.orders, rules.rates(today.date.date)
    for o in range(len(orders)):
        seller = people.sellers[orders.seller[o]]
        lever = float(today.levers.fee[seller.row])
        rate = seller.commission if _by_creator(today, orders, o) else 0.0
        orders.fee[o], orders.commission[o] = split_price(orders.price[o], rate, share * lever, int(per_order * lever))
    dues = [today.flows.dues]
    for top_up in today.levers.top_ups:
        for o in range(len(orders)):
            if _by_creator(today, orders, o):
                due = Dues.empty(1)
                due.order[:], due.program[:] = o, top_up.program
                due.top_up[:] = rupiah(int(orders.price[o]) * float(top_up.share[orders.host[o]]))
                orders.top_up[o] += due.top_up[0]
                dues.append(due)
    today.flows.dues = concatenate(dues)


def fund(today: Today, people: People) -> None:
    """Let programs pay what they promised, order by order, as long as their budgets last."""
    orders, books = today.flows.orders, today.state.books
    left = [int(purse) for purse in purses(today)]
    asked = [0] * len(left)
    for d in range(len(today.flows.dues)):
        asked[today.flows.dues.program[d]] += _due(today.flows.dues, d)
    if all(whole <= purse for whole, purse in zip(asked, left, strict=True)):
        return
    dues = today.flows.dues.take(np.argsort(today.flows.dues.order, kind="stable"))
    ready = [day == NEVER for day in books.spent_up]
    for o in turns(today):
        mine = [d for d in range(len(dues)) if dues.order[d] == o]
        for d in mine:
            program, due = dues.program[d], _due(dues, d)
            if due and (not ready[program] or due > left[program]):
                ready[program] = False
                orders.subsidy[o] -= dues.subsidy[d]
                orders.top_up[o] -= dues.top_up[d]
                orders.shipping[o] += dues.shipping[d]
                dues.subsidy[d] = dues.top_up[d] = dues.shipping[d] = 0
            left[program] -= _due(dues, d)
        if orders.price[o] - orders.subsidy[o] + orders.shipping[o] > people.users[orders.user[o]].wallet:
            orders.status[o] = Status.SOLD_OUT
            for d in mine:
                left[dues.program[d]] += _due(dues, d)
    for program, can in enumerate(ready):
        if not can and books.spent_up[program] == NEVER:
            books.spent_up[program] = today.counter
    today.flows.dues = dues


def _due(dues: Dues, d: int) -> int:
    return int(dues.subsidy[d] + dues.top_up[d] + dues.shipping[d])


def _by_creator(today: Today, orders: Orders, o: int) -> bool:
    return bool(NOTHING != orders.host[o] < len(today.state.creators))


class Clerk:
    """Whoever writes the lines of one evening."""

    def __init__(self, rules: Settlement, today: Today, people: People) -> None:
        self.rules, self.today, self.people = rules, today, people
        self.journal = Journal(today.state, today.flows.settled)

    def settle(self) -> None:
        """Do the whole evening."""
        self.take_orders()
        closed = [p for p in self.today.state.parcels if not any(s == Status.OPEN for s in p.orders.status)]
        for parcel in closed:
            self.pay_out(parcel)
            self.reverse(parcel)
            self.today.state.parcels.remove(parcel)
        self.today.flows.closed = concatenate([Orders.empty(0), *(parcel.orders for parcel in closed)])
        self.pay_bonuses()
        for cost in self.today.flows.costs:
            self.move("cost", "programs", "outside", cost.amount, of=cost.program)
        for program in self.today.flows.exhausted:
            self.today.state.books.spent_up[program] = min(self.today.state.books.spent_up[program], self.today.counter)
        self.pay_goods()
        self.pay_budgets()
        self.withdraw()
        check_books(self.today, self.journal)

    def move(self, reason: str, debit: str, credit: str, amount: int, of: int = 0, to: int = 0) -> None:
        """Move money from one holder to another."""
        if amount:
            self.journal.move(reason, debit, credit, np.array([amount], np.int64), of=int(of), to=int(to))

    def take_orders(self) -> None:
        """Take what buyers and programs pay for orders into escrow, and shipping to couriers."""
        orders, dues = self.today.flows.orders, self.today.flows.dues
        for o in range(len(orders)):
            if orders.status[o] != Status.SOLD_OUT:
                buyer = orders.user[o]
                self.move("order", "users", "escrow", orders.price[o] - orders.subsidy[o], of=buyer)
                self.move("shipping", "users", "outside", orders.shipping[o], of=buyer)
        for d in range(len(dues)):
            if orders.status[dues.order[d]] != Status.SOLD_OUT:
                program = dues.program[d]
                self.move("subsidy", "programs", "escrow", dues.subsidy[d], of=program)
                self.move("top-up", "programs", "escrow", dues.top_up[d], of=program)
                self.move("shipping", "programs", "outside", dues.shipping[d], of=program)

    def pay_out(self, parcel: Parcel) -> None:
        """Pay seller, platform and creator of each order that is kept."""
        orders = parcel.orders
        for o in range(len(orders)):
            if orders.status[o] != Status.PAID_OUT:
                continue
            rest = orders.price[o] - orders.fee[o] - orders.commission[o]
            self.move("payout", "escrow", "sellers", rest, to=orders.seller[o])
            self.move("fee", "escrow", "platform", orders.fee[o])
            if not _by_creator(self.today, orders, o):
                continue
            creator = self.people.creators[orders.host[o]]
            self.move("commission", "escrow", "creators", orders.commission[o], to=creator.row)
            self.move("top-up", "escrow", "creators", orders.top_up[o], to=creator.row)
            if orders.channel[o] == Channel.LIVE:
                creator.earned_live += int(orders.commission[o])
            else:
                creator.earned_video += int(orders.commission[o])
            creator.earned_bonus += int(orders.top_up[o])

    def reverse(self, parcel: Parcel) -> None:
        """Give back every line of each order that comes back."""
        orders, dues = parcel.orders, parcel.dues
        for o in range(len(orders)):
            if orders.status[o] == Status.RETURNED:
                buyer = orders.user[o]
                self.move("return", "escrow", "users", orders.price[o] - orders.subsidy[o], to=buyer)
                self.move("return of shipping", "outside", "users", orders.shipping[o], to=buyer)
        for d in range(len(dues)):
            if orders.status[dues.order[d]] == Status.RETURNED:
                program = dues.program[d]
                self.move("return", "escrow", "programs", dues.subsidy[d] + dues.top_up[d], to=program)
                self.move("return of shipping", "outside", "programs", dues.shipping[d], to=program)

    def pay_bonuses(self) -> None:
        """Pay what programs owe to hosts apart from orders."""
        for bonus in self.today.flows.bonuses:
            for place, amount in zip(bonus.hosts, bonus.amounts, strict=True):
                host = self.people.hosts[place]
                account = "sellers" if host.is_seller else "creators"
                self.move("bonus", "programs", account, amount, of=bonus.program, to=host.row)
                if not host.is_seller:
                    host.earned_bonus += int(amount)

    def pay_goods(self) -> None:
        """Let sellers pay for the goods that they ordered this morning."""
        for product in self.people.products:
            cost = int(self.today.flows.restocked[product.row]) * product.cost
            self.move("goods", "sellers", "outside", cost, of=product.seller)

    def pay_budgets(self) -> None:
        """Fill the wallets whose payday it is; what exceeds the largest wallet goes back outside."""
        for user in self.people.users:
            if user.payday == self.today.date.pay_days:
                before = user.wallet
                self.move("payday", "outside", "users", user.budget, to=user.row)
                most = max(int(self.rules.wallet_months * user.budget), before)
                self.move("overflow", "users", "outside", max(user.wallet - most, 0), of=user.row)

    def withdraw(self) -> None:
        """Let creators withdraw once a week, and sellers what exceeds their working capital."""
        for creator in self.people.creators:
            due = creator.cash if creator.is_own_weekday(self.today) else 0
            self.move("withdrawal", "creators", "outside", due, of=creator.row)
        for seller in self.people.sellers:
            spare = max(seller.cash - seller.working_capital, 0)
            self.move("withdrawal", "sellers", "outside", spare, of=seller.row)
