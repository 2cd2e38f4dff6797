"""What pages are made of: style, tables, lists, pictures. Tables of many columns become cards on a phone."""

import html
import re
from collections.abc import Iterable, Sequence
from typing import Any
from zlib import crc32

WIDE, NARROW = 680, 340  # pictures, for a desk and for a phone

STYLE = """
:root { --ink: #1d2733; --soft: #5a6673; --line: #d9dee4; --tint: #f3f6f9; --blue: #005a96; --warn: #9a3b00 }
* { box-sizing: border-box }
body { font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; color: var(--ink); background: #fff;
  max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; overflow-wrap: break-word }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem } h3 { font-size: 1.1rem; margin: 2.4rem 0 .4rem }
h2 { font-size: 1.4rem; margin: 0 0 .2rem } h4 { font-size: 1rem; margin: 1.4rem 0 .3rem }
p { max-width: 46rem; margin: .5rem 0 } small, figcaption, .soft { color: var(--soft); font-size: .86rem }
article { border-top: 4px solid var(--blue); margin-top: 3rem; padding-top: 1rem }
.answer { font-size: 1.22rem; line-height: 1.45; background: var(--tint); border-left: 5px solid var(--blue);
  padding: .8rem 1rem; margin: 1rem 0; max-width: none }
.answer.unsure { border-color: #8a94a0 }
.warning { background: #fff3e8; border: 2px solid var(--warn); color: var(--warn); font-weight: 600;
  padding: .6rem 1rem }
table { border-collapse: collapse; margin: .7rem 0; font-size: .92rem; max-width: 100% }
caption { text-align: left; color: var(--soft); font-size: .86rem; padding-bottom: .2rem }
th, td { padding: .28rem .7rem .28rem 0; border-bottom: 1px solid var(--line); vertical-align: top; text-align: right }
th { font-weight: 600 } thead th { color: var(--soft); font-size: .8rem; vertical-align: bottom }
th:first-child { text-align: left } tbody th small { display: block; font-weight: 400; max-width: 20rem }
td { font-variant-numeric: tabular-nums } .words { text-align: left } [data-value] { white-space: nowrap }
.unknown { color: var(--soft) } .strong, td b { font-weight: 700 } td small { display: inline-block }
@media screen and (min-width: 701px) { .cards tbody th { min-width: 13rem } }
figure { margin: 1rem 0; min-width: 0 } figure svg { max-width: 100%; height: auto; display: block }
.narrow { display: none }
.row { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr)); gap: 0 1.6rem }
ul { padding-left: 1.2rem; max-width: 46rem } code { font-size: .85rem; overflow-wrap: anywhere }
pre { background: var(--tint); padding: .6rem .8rem; white-space: pre-wrap; overflow-wrap: anywhere }
a { color: var(--blue) }
@media screen and (max-width: 700px) {
  body { font-size: 15px; padding: 1rem .8rem 3rem } .answer { font-size: 1.08rem; padding: .7rem .8rem }
  .wide { display: none } .narrow { display: block }
  table.cards, .cards tbody, .cards tr, .cards th, .cards td { display: block; width: 100% }
  .cards thead { display: none }
  .cards caption { display: block } .cards tr { border-bottom: 1px solid var(--line); padding: .45rem 0 }
  .cards tr { display: grid; grid-template-columns: repeat(auto-fit, minmax(6.6rem, 1fr)); gap: .3rem .8rem }
  .cards th, .cards td { border: 0; padding: 0; text-align: left } .cards th { grid-column: 1 / -1 }
  .cards td::before { content: attr(data-label); color: var(--soft); font-size: .8rem; display: block;
    line-height: 1.2 }
  th, td { padding-right: .45rem } th:last-child, td:last-child { padding-right: 0 }
}
@media print {
  html { font-size: 8.5pt } body { font-size: 9.5pt; max-width: none; padding: 0 }
  article { break-before: page; margin-top: 0 }
  tr, figure, .answer, .warning { break-inside: avoid } h2, h3, h4, caption { break-after: avoid } nav { display: none }
  .answer, pre { background: none } a { color: inherit; text-decoration: none }
}
@page { margin: 16mm }
"""


def table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "", cards: bool = False, words: int = 0
) -> str:
    """Return a table; the first cell of a row names it, the last ``words`` columns hold words. All cells are HTML."""
    kinds = [""] * (len(columns) - words) + [" class='words'"] * words
    head = "".join(f"<th scope='col'{kind}>{column}</th>" for column, kind in zip(columns, kinds, strict=True))
    body = "".join(_row(columns, row, words) for row in rows)
    top = f"<caption>{caption}</caption>" if caption else ""
    kind = " class='cards'" if cards else ""
    return f"<table{kind}>{top}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _row(columns: Sequence[str], row: Sequence[str], words: int) -> str:
    first, *rest = row
    cells = [f"<tr><th scope='row'>{first}</th>"]
    for k, (column, cell) in enumerate(zip(columns[1:], rest, strict=True)):
        label = html.escape(re.sub("<[^>]*>", "", html.unescape(column)), quote=True)
        kind = " class='words'" if k >= len(rest) - words else ""
        cells.append(f"<td{kind} data-label='{label}'>{cell}</td>")
    return "".join(cells) + "</tr>"


def listed(lines: Iterable[str]) -> str:
    """Return a list of lines of HTML."""
    return f"<ul>{''.join(f'<li>{line}</li>' for line in lines)}</ul>"


def paragraph(text: str, kind: str = "") -> str:
    """Return a paragraph."""
    return f"<p class='{kind}'>{text}</p>" if kind else f"<p>{text}</p>"


def styled(chart: Any, width: int | None = None, height: int | None = None, legend: str = "bottom") -> Any:
    """Return a chart in the style of the page; with a width, that of the picture with all its axes."""
    if width:
        import altair as alt

        size = {"width": width} | ({"height": height} if height else {})
        chart = chart.properties(autosize=alt.AutoSizeParams(type="fit-x", contains="padding"), **size)
    return (
        chart.configure(font="sans-serif", padding=4)
        .configure_view(stroke=None)
        .configure_axis(labelFontSize=11, titleFontSize=11, titleFontWeight="normal", gridColor="#E6EAEE", domain=False)
        .configure_legend(labelFontSize=11, title=None, orient=legend, symbolType="square", labelLimit=200)
    )


def figures(caption: str, paths: Sequence[str], wide: Any, narrow: Any = None) -> str:
    """Return a chart as SVG, for a desk and for a phone, and say where its numbers come from."""
    if narrow is None:
        drawn = f"<div>{_svg(wide, caption)}</div>"
    else:
        drawn = f"<div class='wide'>{_svg(wide, caption)}</div><div class='narrow'>{_svg(narrow, caption)}</div>"
    return f'<figure data-from="{html.escape(" ".join(paths))}">{drawn}<figcaption>{caption}</figcaption></figure>'


def _svg(chart: Any, caption: str) -> str:
    """Return a chart as SVG whose names are its own: several of them share a page."""
    import vl_convert

    drawn = str(vl_convert.vegalite_to_svg(chart.to_dict()))
    me = f"drawn{crc32(drawn.encode()):x}"
    drawn = re.sub(r'(id="|url\(#)((?:clip|gradient)\w*)', rf"\g<1>{me}-\g<2>", drawn)
    words = html.escape(re.sub("<[^>]*>", "", html.unescape(caption)), quote=True)
    return drawn.replace("<svg ", f'<svg role="img" aria-label="{words}" ', 1)
