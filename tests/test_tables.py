"""Tables: equal-length columns, and a named tuple of them that kernels take."""

import numpy as np
import pytest
from numba import njit

from sim.tables import NEVER, NOTHING, Column, Table, column, concatenate, table


@table
class Shops(Table):
    """An example."""

    id: Column = column("Who this is", dtype=np.int32)
    cash: Column = column("Money at hand", dtype=np.int64, unit="Rp")
    weight: Column = column("Weight of a choice", default=1)
    shelf: Column = column("Rows of products", dtype=np.int32, default=NOTHING, width=3)
    joined: Column = column("Day of joining", dtype=np.int32, unit="day", default=NEVER)


@table
class Stores(Shops):
    """An example of a table with the columns of another and one more."""

    floor: Column = column("Floor of the building", dtype=np.int8)


def shops(n=4):
    made = Shops.empty(n)
    made.id[:] = np.arange(n)
    made.cash[:] = np.arange(n) * 1000
    made.shelf[:, 0] = np.arange(n)
    return made


def columns_of(one):
    return {name: getattr(one, name) for name in type(one).columns()}


@njit
def add_to_cash(arrays, amount):
    for s in range(arrays.cash.shape[0]):
        arrays.cash[s] += amount


def test_an_empty_table_has_its_declared_defaults():
    made = Shops.empty(3)
    assert made.cash.tolist() == [0, 0, 0]
    assert made.weight.tolist() == [1.0, 1.0, 1.0]
    assert made.shelf.tolist() == [[NOTHING] * 3] * 3
    assert made.joined.tolist() == [NEVER] * 3


def test_columns_have_their_declared_types_and_shapes():
    made = Shops.empty(3)
    assert {name: (a.dtype.name, a.shape) for name, a in columns_of(made).items()} == {
        "id": ("int32", (3,)),
        "cash": ("int64", (3,)),
        "weight": ("float32", (3,)),
        "shelf": ("int32", (3, 3)),
        "joined": ("int32", (3,)),
    }


def test_a_declaration_says_doc_and_unit():
    cash = Shops.columns()["cash"]
    assert (cash["doc"], cash["unit"], cash["width"]) == ("Money at hand", "Rp", 0)


def test_length_is_the_number_of_rows():
    assert len(Shops.empty(0)) == 0
    assert len(Shops.empty(5)) == 5


def test_two_tables_share_nothing():
    one, other = Shops.empty(2), Shops.empty(2)
    one.cash[0] = 7
    assert other.cash[0] == 0


def test_the_arrays_for_kernels_are_the_columns_themselves():
    made = shops()
    assert made.arrays._fields == tuple(Shops.columns())
    assert all(a is b for a, b in zip(made.arrays, columns_of(made).values(), strict=True))


def test_a_kernel_writes_through_the_arrays():
    made = shops()
    add_to_cash(made.arrays, 5)
    assert made.cash.tolist() == [5, 1005, 2005, 3005]


def test_every_table_has_a_named_tuple_of_its_own():
    assert Shops.Arrays is not Stores.Arrays
    assert Shops.Arrays.__name__ == "ShopsArrays"
    # where numba's cache and pickle look it up
    assert Stores.Arrays.__module__ == __name__
    assert globals()["StoresArrays"] is Stores.Arrays


def test_a_table_inherits_the_columns_of_its_parent_first():
    assert list(Stores.columns()) == [*Shops.columns(), "floor"]


@pytest.mark.parametrize(
    "rows", [[2, 0], np.array([2, 0]), np.array([False, True, False, True]), slice(1, 3), slice(None)]
)
def test_taken_rows_are_a_copy_in_one_piece(rows):
    made = shops()
    taken = made.take(rows)
    for name, taken_column in columns_of(taken).items():
        original = getattr(made, name)
        assert taken_column.tolist() == original[rows].tolist()
        assert taken_column.dtype == original.dtype
        assert taken_column.flags.c_contiguous
        assert not np.shares_memory(taken_column, original), name


def test_a_copy_shares_nothing_with_the_original():
    made = shops()
    copy = made.copy()
    copy.cash[0] = 99
    copy.shelf[0, 0] = 99
    assert made.cash[0] == 0
    assert made.shelf[0, 0] == 0


def test_a_copy_is_of_the_same_kind():
    assert type(Stores.empty(2).copy()) is Stores


def test_bytes_are_those_of_all_columns():
    assert Shops.empty(10).nbytes == 10 * (4 + 8 + 4 + 3 * 4 + 4)


def test_tables_stand_below_each_other_in_order():
    both = concatenate([shops(2), shops(3)])
    assert type(both) is Shops
    assert both.id.tolist() == [0, 1, 0, 1, 2]
    assert both.shelf.shape == (5, 3)


def test_nothing_is_no_row_and_never_is_after_every_day():
    assert NOTHING < 0
    assert np.int32(NEVER) == NEVER == np.iinfo(np.int32).max
