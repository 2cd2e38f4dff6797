"""Tables of results: the same in memory and in a file, with names and ids in place of codes and rows."""

import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from experiments import pages
from experiments.pages import Ledger, Pages, arrow, kept, metrics_table, named, people_table
from sim.calendar import describe
from sim.inputs import provinces
from sim.recorder import Recorder
from sim.tables import NEVER, NOTHING
from tests.small import PRICE, market, morning

DOCS = {"day": ("Days since day 0", "day"), "of": ("Colour", "1"), "amount": ("How much", "Rp")}
COLOURS = ("red", "green", "blue")
OWN = 2**31  # added to the ids of sellers' own accounts


def part(day, n):
    """Return ``n`` rows of a table of results."""
    codes = np.arange(n) % 3
    return {"day": np.full(n, day, np.int32), "of": named(codes, COLOURS), "amount": np.arange(n, dtype=np.int64)}


def meanings(table):
    """Return (doc, unit) of each column of an Arrow table, by name."""
    return {f.name: (f.metadata[b"doc"].decode(), f.metadata[b"unit"].decode()) for f in table.schema}


# ---------------------------------------------------------------- tables that grow


def test_rows_stand_in_the_order_in_which_they_were_added():
    book = Pages(DOCS)
    for day, n in enumerate([2, 0, 3]):
        book.add(part(day, n))
    table = book.close()
    assert table.to_pydict() == {
        "day": [0, 0, 2, 2, 2],
        "of": ["red", "green", "red", "green", "blue"],
        "amount": [0, 1, 0, 1, 2],
    }
    assert meanings(table) == DOCS


def test_a_file_has_the_same_rows_types_and_meanings_as_memory(tmp_path):
    memory, disk = Pages(DOCS), Pages(DOCS, tmp_path / "pages.parquet")
    for book in (memory, disk):
        for day in range(4):
            book.add(part(day, day))
    table, file = memory.close(), disk.close()
    assert file == tmp_path / "pages.parquet"
    read = pq.read_table(file)
    assert meanings(read) == meanings(table) == DOCS
    pd.testing.assert_frame_equal(read.to_pandas(), table.to_pandas())


def test_what_does_not_fit_into_memory_is_written_as_it_comes(tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "ROWS", 5)
    book = Pages(DOCS, tmp_path / "pages.parquet")
    for day in range(7):
        book.add(part(day, 2))
        assert book._rows < 5
    file = pq.ParquetFile(book.close())
    assert [file.metadata.row_group(k).num_rows for k in range(file.num_row_groups)] == [6, 6, 2]
    assert file.read().column("day").to_pylist() == [day for day in range(7) for _ in range(2)]


def test_a_table_without_rows_is_written_with_its_columns(tmp_path):
    book = Pages(DOCS, tmp_path / "pages.parquet")
    book.add(part(0, 0))
    read = pq.read_table(book.close())
    assert len(read) == 0 and meanings(read) == DOCS


def test_a_column_that_nobody_explained_is_refused():
    with pytest.raises(KeyError, match="weight"):
        arrow({"weight": np.zeros(2)}, DOCS)


def test_other_types_than_before_are_refused():
    book = Pages(DOCS)
    book.add(part(0, 1))
    book.add({**part(1, 1), "amount": np.array(["much"])})
    with pytest.raises(pa.ArrowInvalid):
        book.close()


def test_codes_become_their_names():
    column = named(np.array([2, 0, 0, 1], np.int64), COLOURS)
    assert column.to_pylist() == ["blue", "red", "red", "green"]
    assert column.dictionary.to_pylist() == list(COLOURS)  # in order, whoever is there


def test_a_table_is_kept_in_a_file_or_as_it_is(tmp_path):
    table = arrow(part(0, 3), DOCS)
    assert kept(table, None) is table
    file = kept(table, tmp_path / "kept.parquet")
    assert pq.read_table(file).to_pydict() == table.to_pydict()


# ---------------------------------------------------------------- the ledger


def settled(day, lines):
    today = morning(market(), day)
    today.flows.settled = lines
    return today


def test_a_row_of_the_ledger_is_a_line_of_a_day_in_order_of_names():
    ledger = Ledger()
    lines = {"payout: escrow > sellers": 7, "fee: escrow > platform": 2**40}
    ledger.read(settled(0, lines))
    ledger.read(settled(1, {}))
    ledger.read(settled(2, {"return of shipping: outside > programs": 5}))
    assert ledger.table().to_pydict() == {
        "day": [0, 0, 2],
        "line": ["fee", "payout", "return of shipping"],
        "debit": ["escrow", "escrow", "outside"],
        "credit": ["platform", "sellers", "programs"],
        "amount": [2**40, 7, 5],
    }
    said = "0 fee: escrow > platform 1099511627776\n0 payout: escrow > sellers 7"
    assert ledger.text() == f"{said}\n2 return of shipping: outside > programs 5"


def test_a_ledger_of_no_days_has_its_columns_and_their_types():
    table = Ledger().table()
    assert len(table) == 0 and Ledger().text() == ""
    kinds = [pa.int32(), pa.string(), pa.string(), pa.string(), pa.int64()]
    assert table.schema.types == kinds and all(unit for _, unit in meanings(table).values())


# ---------------------------------------------------------------- metrics and people


def test_metrics_have_dates_and_say_what_they_are():
    recorder = Recorder(("Beauty",), provinces().names)
    for day in range(2):
        today = morning(market(), day)
        today.date = describe(datetime.date(2023, 12, 31) + datetime.timedelta(days=day))
        recorder.read(today)
    table = metrics_table(recorder)
    assert table.column("date").to_pylist() == [datetime.date(2023, 12, 31), datetime.date(2024, 1, 1)]
    assert table.column("gmv").type == pa.int64() and table.column("order_value").type == pa.float64()
    assert meanings(table)["gmv.category.Beauty"] == ("GMV by category", "Rp/day")
    assert table.column_names == list(recorder.declared())


@pytest.fixture
def few():
    """Three users, two creators and two sellers with two products; ids fall from row to row."""
    state = market(users=3, creators=2, sellers=2, products=2, categories=2)
    state.users.follows[0, :2] = [1, 3]  # a creator, and the own account of the last seller
    state.users.last_seller[:] = [1, NOTHING, 0]
    state.creators.showcase[0, :2] = [3, 0]
    state.users.province[:], state.sellers.size[:] = [0, 1, 37], [3, 0]
    return state


def people(state, table):
    frame = people_table(state, table, ("Beauty", "Books")).to_pandas()
    assert np.all(np.diff(frame["id"]) > 0)
    return frame.set_index("id")


def test_users_are_told_by_id_and_with_names(few):
    users = people(few, "users")
    assert users.index.tolist() == [5, 6, 7]
    assert users["province"].tolist() == [provinces().names[k] for k in (37, 1, 0)]
    assert set(users["interest"]) == {"Beauty"} and set(users["interest_2"]) == {"Books"}
    # sellers in rows 0 and 1 have the ids 6 and 5; creators, too
    assert users["last_seller"].tolist() == [6, -1, 5]
    assert users.loc[7, ["follows.0", "follows.1", "follows.2"]].tolist() == [5, 5 + OWN, -1]


def test_creators_show_products_by_id(few):
    creators = people(few, "creators")
    # products in rows 0 to 3 have the ids 8 to 5
    assert creators.loc[6, ["showcase.0", "showcase.1", "showcase.2"]].tolist() == [5, 8, -1]
    assert creators["category"].tolist() == ["Books", "Beauty"]
    assert set(creators["joined"]) == {0} and set(creators["left"]) == {NEVER}


def test_sellers_have_sizes_by_name_and_products_by_id(few):
    sellers, products = people(few, "sellers"), people(few, "products")
    assert sellers["size"].tolist() == ["micro", "large"]
    assert sellers["first_product"].tolist() == [6, 8]
    assert products["seller"].tolist() == [5, 5, 6, 6]
    assert products["category"].tolist() == ["Books", "Books", "Beauty", "Beauty"]
    assert set(products["price"]) == {PRICE}


@pytest.mark.parametrize("table", ["users", "creators", "sellers", "products"])
def test_what_is_an_id_in_results_does_not_say_that_it_is_a_row(few, table):
    said = meanings(people_table(few, table, ("Beauty", "Books")))
    ids = {"last_seller", "follows.0", "showcase.3", "first_product", "seller"} & said.keys()
    assert all("Row" not in said[name][0] and ("Id of" in said[name][0] or "Ids of" in said[name][0]) for name in ids)
    assert ids or table == "creators"


def test_whom_a_user_follows_says_how_own_accounts_are_numbered(few):
    said = meanings(people_table(few, "users", ("Beauty", "Books")))
    assert said["follows.11"] == ("Ids of followed hosts (of sellers' own accounts: id + 2^31)", "1")
    assert said["budget"] == ("Money per month for this marketplace", "Rp/month")
