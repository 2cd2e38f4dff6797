"""The money since day 0: every line of the ledger between buyers, programs, escrow, and who is paid."""

import json
from typing import Any, NamedTuple

from experiments.dashboard.twins import Twins
from experiments.dashboard.views.drawing import Plot, Rows, Show, View, short_numbers
from experiments.dashboard.words import Words
from sim.measures import sides

#: Where accounts stand: column, and order within it. Money that only waits (escrow) stands between.
PLACES = {("users", "out"): (0, 0), ("programs", "out"): (0, 1), ("escrow", "mid"): (1, 0), ("sellers", "in"): (2, 0),
          ("creators", "in"): (2, 1), ("platform", "in"): (2, 2), ("users", "in"): (2, 3), ("programs", "in"): (2, 4),
          ("outside", "in"): (2, 5)}  # fmt: skip
COLOURS = {"users": "#0072B2", "programs": "#CC79A7", "escrow": "#B6BEC8", "sellers": "#009E73",
           "creators": "#D55E00", "platform": "#5A6673", "outside": "#C9A227"}  # fmt: skip
#: Not trade: wages that come in, and what is taken out of the market or bought from outside it.
APART = ("payday", "overflow", "withdrawal", "goods", "return of shipping")
GAP, BOX, WIDE, NARROW, HIGH = 16.0, 12.0, 860.0, 330.0, 320.0


class Line(NamedTuple):
    """What a line of the ledger has come to since day 0, for the whole market."""

    reason: str
    debit: str
    credit: str
    amount: float  # [Rp]


def lines(twins: Twins, world: str) -> list[Line]:
    """Return all lines of the ledger of a world, the largest first, those that are not trade at the end."""
    found = [Line(*sides(text), amount * twins.scale) for text, amount in twins.books(world).items()]
    return sorted(found, key=lambda line: (line.reason in APART, -line.amount))


class Ribbon(NamedTuple):
    """What flows from one place to another."""

    tail: tuple[str, str]
    head: tuple[str, str]
    amount: float


def ribbons(twins: Twins, world: str) -> list[Ribbon]:
    """Return the flows of trade since day 0, from top to bottom; each is the sum of lines of the ledger."""
    sums: dict[tuple[tuple[str, str], tuple[str, str]], float] = {}
    for line in lines(twins, world):
        if line.reason not in APART:
            tail = (line.debit, "mid" if line.debit == "escrow" else "out")
            head = (line.credit, "mid" if line.credit == "escrow" else "in")
            sums[tail, head] = sums.get((tail, head), 0.0) + line.amount
    known = [Ribbon(tail, head, amount) for (tail, head), amount in sums.items() if tail in PLACES and head in PLACES]
    return sorted(known, key=lambda r: (PLACES[r.tail], PLACES[r.head]))


def drawn(flows: list[Ribbon], width: float) -> dict[str, dict[str, list[Any]]]:
    """Return where boxes and ribbons lie: rows ``boxes`` and ``ribbons``, in pixels."""
    size = {place: max(sum(r.amount for r in flows if r.tail == place), sum(r.amount for r in flows if r.head == place))
            for place in PLACES}  # fmt: skip
    shown = [place for place, amount in size.items() if amount > 0]
    columns = [[p for p in shown if PLACES[p][0] == k] for k in range(3)]
    scale = min(((HIGH - GAP * max(len(c), 1)) / sum(size[p] for p in c) for c in columns if c), default=0.0)
    boxes: dict[str, list[Any]] = {name: [] for name in ("account", "side", "x", "y", "h", "amount", "colour")}
    top: dict[tuple[str, str], float] = {}
    for k, places in enumerate(columns):
        y = 4.0
        for place in places:
            top[place] = y
            x = k * (width - BOX) / 2
            for name, value in zip(boxes, (place[0], ("left", "middle", "right")[k], x, y, size[place] * scale,
                                           size[place], COLOURS[place[0]]), strict=True):  # fmt: skip
                boxes[name].append(value)
            y += size[place] * scale + GAP
    return {"boxes": boxes, "ribbons": _curves(flows, top, scale, width)}


def _curves(flows: list[Ribbon], top: dict[tuple[str, str], float], scale: float, width: float) -> dict[str, list[Any]]:
    out, into = dict(top), dict(top)
    table: dict[str, list[Any]] = {"path": [], "colour": [], "debit": [], "credit": [], "amount": []}
    for r in flows:
        h = r.amount * scale
        x0 = PLACES[r.tail][0] * (width - BOX) / 2 + BOX
        x1 = PLACES[r.head][0] * (width - BOX) / 2
        y0, y1, m = out[r.tail], into[r.head], (x0 + x1) / 2
        out[r.tail], into[r.head] = y0 + h, y1 + h
        path = (
            f"M{x0:.1f},{y0:.1f}C{m:.1f},{y0:.1f},{m:.1f},{y1:.1f},{x1:.1f},{y1:.1f}"
            f"L{x1:.1f},{y1 + h:.1f}C{m:.1f},{y1 + h:.1f},{m:.1f},{y0 + h:.1f},{x0:.1f},{y0 + h:.1f}Z"
        )
        for name, value in zip(table, (path, COLOURS[r.tail[0] if r.tail[0] != "escrow" else r.head[0]], r.tail[0],
                                       r.head[0], r.amount), strict=True):  # fmt: skip
            table[name].append(value)
    return table


def plots(show: Show) -> list[Plot]:
    """Return the pictures: the money of each world."""
    words = show.words
    found: list[Plot] = []
    for world in ("variant", "base") if show.two else ("base",):
        title = words.text("money.title", world=words.text(f"world.{world}" if show.two else "world.only"))
        wide, narrow = (_sankey(show, world, width) for width in (WIDE, NARROW))
        found.append(Plot(f"money-{world}", wide, title, words.text("money.says") if not found else "", narrow=narrow))
    return found


def _sankey(show: Show, world: str, width: float) -> dict[str, Any]:
    """Return a Vega specification: Vega-Lite has no free paths."""
    size = "wide" if width == WIDE else "narrow"
    says = {name: show.words.text(f"account.{name}") for name in COLOURS}
    label, amount = f"{_dictionary(says)}[datum.account]", f"'Rp' + ({short_numbers(show.words, 'datum.amount')})"
    return {
        "$schema": "https://vega.github.io/schema/vega/v6.json",
        "width": width, "height": HIGH + 4, "padding": 4, "background": "transparent",
        "data": [{"name": f"{name}-{world}-{size}"} for name in ("ribbons", "boxes")],
        "marks": [
            {"type": "path", "from": {"data": f"ribbons-{world}-{size}"},
             "encode": {"update": {"path": {"field": "path"}, "fill": {"field": "colour"},
                                   "fillOpacity": {"value": 0.35}, "tooltip": {"signal": _tooltip(says, amount)}}}},
            {"type": "rect", "from": {"data": f"boxes-{world}-{size}"},
             "encode": {"update": {"x": {"field": "x"}, "y": {"field": "y"}, "width": {"value": BOX},
                                   "height": {"signal": "max(datum.h, 1)"}, "fill": {"field": "colour"}}}},
            _label(f"boxes-{world}-{size}", f"{label} + ' ' + {amount}", "white"),  # a halo
            _label(f"boxes-{world}-{size}", f"{label} + ' ' + {amount}", ""),
        ],
    }  # fmt: skip


def _label(data: str, text: str, halo: str) -> dict[str, Any]:
    right = "datum.side == 'right'"
    return {
        "type": "text", "from": {"data": data},
        "encode": {"update": {
            "x": {"signal": f"{right} ? datum.x - 5 : datum.x + {BOX + 5}"},
            "y": {"signal": "datum.y + max(datum.h, 1) / 2"},
            "align": {"signal": f"{right} ? 'right' : 'left'"}, "baseline": {"value": "middle"},
            "font": {"value": "sans-serif"}, "fontSize": {"value": 11}, "fill": {"value": halo or "#1d2733"},
            "stroke": {"value": halo or None}, "strokeWidth": {"value": 4}, "strokeJoin": {"value": "round"},
            "text": {"signal": text}}},
    }  # fmt: skip


def _tooltip(says: dict[str, str], amount: str) -> str:
    table = _dictionary(says)
    return f"{table}[datum.debit] + ' → ' + {table}[datum.credit] + ': ' + {amount}"


def _dictionary(says: dict[str, str]) -> str:
    return json.dumps(says, ensure_ascii=False)


def rows(twins: Twins) -> Rows:
    """Return boxes and ribbons of each world, for a desk and for a phone."""
    found: Rows = {}
    for world, _ in twins.lives if twins.two else twins.lives[:1]:
        flows = ribbons(twins, world)
        for size, width in (("wide", WIDE), ("narrow", NARROW)):
            for name, table in drawn(flows, width).items():
                found[f"{name}-{world}-{size}"] = table
    return found


def says(twins: Twins, words: Words) -> list[str]:
    """Say what the platform is left with, and then every line of the ledger, of both worlds."""
    if not twins.day:
        return [words.text("says.begin")]
    without = {(line.reason, line.debit, line.credit): line.amount for line in lines(twins, "base")}
    found = [_left(twins, world, words) for world in (("variant", "base") if twins.two else ("base",))]
    for line in lines(twins, "variant"):
        debit, credit = (words.text(f"account.{name}") for name in (line.debit, line.credit))
        reason, amount = words.name("reason", line.reason), words.money(line.amount)
        text = words.text("money.says.line", reason=reason, amount=amount, debit=debit, credit=credit)
        if twins.two:
            text += words.text("money.says.without", amount=words.money(without.get(line[:3], 0.0)))
        found.append(text)
    return found


def _left(twins: Twins, world: str, words: Words) -> str:
    """Say what a platform that pays its programs is left with, as the card of its net revenue has it."""
    moved = lines(twins, world)
    fees = sum(line.amount for line in moved if line.credit == "platform")
    paid = sum(line.amount * ((line.debit == "programs") - (line.credit == "programs")) for line in moved)
    return words.text("money.says.left", world=words.text(f"world.{world}" if twins.two else "world.only"),
                      fees=words.money(fees), paid=words.money(paid), left=words.money(fees - paid))  # fmt: skip


VIEW = View("money", plots, rows, says)
