"""The ledger: what moves without a line is found the same evening, by account and day."""

import numpy as np
import pytest

from sim.errors import LedgerError
from sim.ledger import ACCOUNTS, Journal, accounts, check_books, open_books, total
from sim.state import Orders, Status
from tests.small import market, morning, parcel


def opened(wallets=(100, 200, 300), counter=9):
    """Return the morning of day 9 (counter day ``counter``) of a market with open books, and an empty journal."""
    state = market(users=len(wallets), creators=2, sellers=2)
    state.users.wallet[:] = wallets
    state.creators.cash[:], state.sellers.cash[:] = [10, 20], [1_000, 2_000]
    state.books.programs = np.zeros(2, np.int64)
    open_books(state)
    today = morning(state, counter)
    return today, Journal(state, today.flows.settled)


def held(today):
    """Return what each account holds."""
    return {name: total(account.holdings) for name, account in accounts(today.state).items()}


def test_on_the_first_day_the_outside_owes_what_everybody_holds():
    today, journal = opened()
    assert held(today) == {
        "users": 600, "creators": 30, "sellers": 3_000, "platform": 0, "programs": 0, "escrow": 0, "outside": -3_630,
    }  # fmt: skip
    assert tuple(held(today)) == ACCOUNTS
    check_books(today, journal)


def test_a_line_takes_from_one_account_what_it_gives_to_another():
    today, journal = opened()
    journal.move("gift", "users", "creators", np.array([7, 11]), of=np.array([0, 2]), to=np.array([1, 0]))
    assert today.state.users.wallet.tolist() == [93, 200, 289]
    assert today.state.creators.cash.tolist() == [21, 27]
    assert journal.lines == {"gift: users > creators": 18}
    assert journal.change == {"users": -18, "creators": 18}
    assert sum(held(today).values()) == 0
    check_books(today, journal)


def test_somebody_named_twice_in_a_line_pays_twice():
    today, journal = opened()
    journal.move("order", "users", "sellers", np.array([5, 6, 7]), of=np.array([1, 1, 0]), to=np.array([0, 0, 0]))
    assert today.state.users.wallet.tolist() == [93, 189, 300]
    assert today.state.sellers.cash.tolist() == [1_018, 2_000]


def test_lines_of_one_name_add_up_and_lines_of_nothing_are_not_written():
    today, journal = opened()
    for amount in (3, 0, 4):
        journal.move("fee", "sellers", "platform", np.array([amount]))
    journal.move("fee", "users", "platform", np.zeros(0, np.int64))
    journal.move("fee", "users", "platform", np.array([0]))
    assert journal.lines == {"fee: sellers > platform": 7}
    assert today.state.books.platform[0] == 7


@pytest.mark.parametrize("name", ACCOUNTS)
@pytest.mark.parametrize("amount", [1, -1, 1_234_567])
def test_a_balance_changed_by_hand_is_found_and_named_with_the_day(name, amount):
    today, journal = opened()
    accounts(today.state)[name].holdings[-1] += amount
    with pytest.raises(LedgerError, match=f"Day 9: the account '{name}' moved by Rp{amount:,} that no line"):
        check_books(today, journal)


def test_a_line_without_its_movement_is_found():
    today, journal = opened()
    journal.note("fee", "sellers", "platform", 500)
    with pytest.raises(LedgerError, match="Day 9: the account 'sellers' moved by Rp500 that no line"):
        check_books(today, journal)


def test_a_movement_with_one_side_only_is_found():
    today, journal = opened()
    journal.move("fee", "sellers", "platform", np.array([500]))
    today.state.books.platform[0] -= 500
    with pytest.raises(LedgerError, match="Day 9: the account 'platform' moved by Rp-500 that no line"):
        check_books(today, journal)


def test_money_that_changes_hands_without_a_line_is_found():
    """All accounts still sum to zero then, so that their sum alone would not tell."""
    today, journal = opened()
    today.state.users.wallet[0] -= 40
    today.state.sellers.cash[0] += 40
    assert sum(held(today).values()) == 0
    with pytest.raises(LedgerError, match="the account 'users' moved by Rp-40 "):
        check_books(today, journal)


def test_the_day_counts_from_the_scenario_and_not_from_the_burn_in():
    today, journal = opened(counter=90)
    today.day = 6
    today.state.users.wallet[0] += 1
    with pytest.raises(LedgerError, match=r"^Day 6: "):
        check_books(today, journal)


def test_books_that_close_are_where_the_next_evening_begins():
    today, journal = opened()
    journal.move("payday", "outside", "users", np.array([50]), to=np.array([1]))
    check_books(today, journal)
    tomorrow = morning(today.state, 10)
    check_books(tomorrow, Journal(today.state, tomorrow.flows.settled))  # yesterday's line explains nothing today
    with pytest.raises(LedgerError, match="Day 10: the account 'users' moved by Rp-50 "):
        check_books(tomorrow, journal)


@pytest.mark.parametrize(("name", "row"), [("users", 1), ("creators", 0), ("sellers", 1)])
def test_whoever_is_overdrawn_is_named_by_row(name, row):
    today, journal = opened()
    short = int(accounts(today.state)[name].holdings[row]) + 3
    journal.move("spree", name, "outside", np.array([short]), of=np.array([row]))
    with pytest.raises(LedgerError, match=f"Day 9: row {row} of the account '{name}' is overdrawn: Rp-3"):
        check_books(today, journal)


@pytest.mark.parametrize("name", ["programs", "platform"])
def test_who_may_owe_owes(name):
    today, journal = opened()
    journal.move("spree", name, "outside", np.array([10**9]))
    check_books(today, journal)


def in_escrow(today, statuses):
    """Put a parcel into escrow whose orders cost 100, 200 ..., each with a top-up of 7."""
    orders = Orders.empty(len(statuses))
    orders.price[:], orders.top_up[:] = 100 * (np.arange(len(statuses)) + 1), 7
    orders.status[:] = statuses
    today.state.parcels.append(parcel(today.counter, orders, today.flows.dues))


def test_escrow_holds_price_and_top_up_of_open_orders_and_of_no_other():
    today, journal = opened()
    in_escrow(today, [Status.OPEN, Status.SOLD_OUT, Status.OPEN, Status.RETURNED, Status.PAID_OUT])
    in_escrow(today, [Status.SOLD_OUT, Status.OPEN])
    journal.move("order", "outside", "escrow", np.array([107, 307, 207]))
    check_books(today, journal)


@pytest.mark.parametrize("wrong", [-1, 1])
def test_escrow_that_is_not_what_open_orders_are_worth_is_found(wrong):
    today, journal = opened()
    in_escrow(today, [Status.OPEN])
    journal.move("order", "outside", "escrow", np.array([107 + wrong]))
    with pytest.raises(LedgerError, match=f"Day 9: the account 'escrow' holds Rp{107 + wrong} for Rp107 of open"):
        check_books(today, journal)


def test_large_sums_are_exact():
    """A double would lose the last rupiah of these."""
    today, journal = opened(wallets=(2**53, 2**53, 1))
    assert held(today)["users"] == 2**54 + 1
    today.state.users.wallet[2] -= 1
    with pytest.raises(LedgerError, match="moved by Rp-1 "):
        check_books(today, journal)


def test_sums_of_small_columns_do_not_run_over():
    assert total(np.full(4, 2**31 - 1, np.int32)) == 4 * (2**31 - 1)
