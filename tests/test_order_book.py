"""The orders of a run: written when it is known what became of them, in order of days and buyers."""

import numpy as np

from experiments.order_book import OrderBook
from experiments.pages import ORDERS, Pages
from sim.state import Channel, Status
from tests.small import market, morning, put_orders, put_rooms

OWN = 2**31  # added to the ids of sellers' own accounts


def day(state, number, users, product=0, **columns):
    """Return a day that is over, on which some users ordered."""
    today = morning(state, number)
    put_orders(today, users, product, **columns)
    return today


def written(book):
    return book.pages._whole().to_pandas()


def book_of(state, *days):
    book = OrderBook(Pages(ORDERS))
    for today in days:
        book.read(today)
    return book


def test_orders_wait_until_it_is_known_what_became_of_all_of_the_day():
    state = market(users=4)
    today = day(state, 0, [0, 1])
    book = book_of(state, today)
    today.flows.orders.status[0] = Status.PAID_OUT
    book.read(day(state, 1, []))
    assert len(written(book)) == 0
    today.flows.orders.status[1] = Status.RETURNED
    book.read(day(state, 2, []))
    assert written(book)["status"].tolist() == ["returned", "paid_out"]  # by id of the buyer: row 1 before row 0


def test_a_later_day_waits_for_an_earlier_one():
    state = market(users=4)
    first, second = day(state, 0, [0]), day(state, 1, [1])
    second.flows.orders.status[:] = Status.SOLD_OUT
    book = book_of(state, first, second)
    assert len(written(book)) == 0
    first.flows.orders.status[:] = Status.PAID_OUT
    book.read(day(state, 2, []))
    assert written(book)["day"].tolist() == [0, 1]


def test_what_is_still_open_in_the_end_is_told_as_open():
    state = market(users=4)
    book = book_of(state, day(state, 0, [2]))
    book.close()
    assert written(book)["status"].tolist() == ["open"]


def test_everybody_is_told_by_id():
    state = market(users=4, creators=2, sellers=2, products=2)
    today = morning(state)
    put_rooms(today, [3, 0])
    # a creator's video, the room of a seller's own account, that of a creator, and the shelf
    put_orders(today, [3, 2, 1, 0], [0, 3, 1, 2], channel=[0, 1, 1, 2], host=[1, 3, 0, -1], room=[-1, 0, 1, -1])
    book = book_of(state, today)
    book.close()
    told = written(book)
    assert told[["user", "product", "seller"]].to_numpy().tolist() == [[5, 8, 6], [6, 5, 5], [7, 7, 6], [8, 6, 5]]
    assert told["creator"].tolist() == [5, -1, 6, -1]  # an own account is paid no commission
    assert told["room"].tolist() == [-1, OWN + 5, 6, -1]
    assert told["channel"].tolist() == ["video", "live", "live", "search"]


def test_amounts_are_told_as_they_were():
    state = market(users=4)
    today = day(state, 0, [3, 0], channel=Channel.VIDEO)
    names = ("price", "subsidy", "shipping", "fee", "commission", "top_up")
    for k, name in enumerate(names):
        getattr(today.flows.orders, name)[:] = [10**k, 2 * 10**k]
    book = book_of(state, today)
    book.close()
    assert written(book)[list(names)].to_numpy().tolist() == [[10**k for k in range(6)], [2 * 10**k for k in range(6)]]


def test_a_run_without_orders_has_the_columns():
    book = OrderBook(Pages(ORDERS))
    book.close()
    assert list(written(book).columns) == list(ORDERS)


def test_the_fingerprint_hangs_on_what_became_of_orders_and_not_on_pages():
    def fingerprint(status, pages=None, rows=slice(None)):
        state = market(users=4)
        today = day(state, 0, np.arange(4)[rows])
        book = OrderBook(pages)
        book.read(today)
        today.flows.orders.status[:] = np.array(status)[rows]
        book.close()
        return book.fingerprint.text()

    plain = fingerprint([3, 3, 2, 3])
    assert fingerprint([3, 3, 2, 3], Pages(ORDERS)) == plain
    assert fingerprint([3, 3, 2, 3], rows=slice(None, None, -1)) == plain  # whatever the order of rows
    assert fingerprint([3, 2, 3, 3]) != plain
