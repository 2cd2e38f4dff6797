"""One page on a study: no network, fit for paper and for a phone. Its numbers stand in the study's tables."""

import html
import shlex
from collections.abc import Iterator
from pathlib import Path

from experiments.markup import STYLE, listed, paragraph
from experiments.results import replaced
from experiments.study import page_tables as tabled
from experiments.study.findings import said
from experiments.study.page_data import Tables
from experiments.study.page_pictures import continuous, numeric, seeds_of
from experiments.study.page_scatter import scatter
from experiments.study.page_series import series
from experiments.study.page_tables import INDICES, RUNS, value
from experiments.study.phrases import LANGUAGE, say, words
from experiments.study.results import Results
from experiments.study.variance import shares
from sim import __version__

PAGE = "study.html"
MOST_SAID = 8  # sentences that stand open
_STYLE = """
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 14rem), 1fr)); gap: .2rem 1.2rem }
details { max-width: 46rem } summary { color: var(--blue); cursor: pointer } td small { margin-left: .5rem }
.tiles figure { margin: .4rem 0; break-inside: avoid } .cards td { max-width: 20rem }
.cards .words:nth-child(3), .cards .words:last-child { overflow-wrap: anywhere; min-width: 6rem }
h2 { margin: 2.8rem 0 .2rem } header h2 { margin-top: 0 } table { min-width: min(100%, 24rem) }
@media print { details::details-content { content-visibility: visible } }
@media screen and (max-width: 700px) { .tiles { grid-template-columns: repeat(auto-fill, minmax(9.6rem, 1fr)) }
  td small { display: block; margin: 0 } .cards td.words small { display: inline } }
"""


def write_page(results: Results, folder: Path | None = None) -> Path:
    """Write ``study.html`` about a study into a folder, its own if none is named; return it.

    It appears whole or not at all. ``sensitivity.parquet`` is written beside it if the study has indices.
    """
    target, tables = folder or results.folder, Tables(results)
    _write_table(tables, target)
    return replaced(target / PAGE, lambda part: part.write_text("\n".join(_page(tables)), encoding="utf-8"))


def write_indices(results: Results, folder: Path | None = None) -> Path | None:
    """Write the indices of a study as a table into a folder; return it, or None if there are none."""
    return _write_table(Tables(results), folder or results.folder)


def _write_table(tables: Tables, folder: Path) -> Path | None:
    found = tables.indices
    if not len(found):
        return None
    return replaced(folder / INDICES, lambda part: found.astype({"day": "Int32"}).to_parquet(part, index=False))


def _page(tables: Tables) -> Iterator[str]:
    study, failed = tables.study, tables.results.failed
    title = html.escape(study.name)
    yield f"<!doctype html><html lang='{LANGUAGE}'><head><meta charset='utf-8'><title>{title}</title>"
    yield "<meta name='viewport' content='width=device-width, initial-scale=1'>"
    yield f"<style>{STYLE}{_STYLE}</style></head><body><header><h1>{title}</h1>"
    yield from _head(tables)
    yield "</header>"
    if len(tables.points):
        yield from _findings(tables)
    yield section("outcomes") + tabled.outcomes(tables)
    if len(tables.points):
        yield from _pictures(tables)
    yield section("factors") + tabled.factors(tables)
    if len(failed):
        yield section("failed") + "".join(tabled.failed(failed))
    yield from _again(tables)
    yield f"<footer>{paragraph(say('foot', version=html.escape(__version__)), 'soft')}</footer></body></html>"


def section(key: str) -> str:
    """Return the heading of a section, with its opening words."""
    return f"<h2 id='{key}'>{say(key)}</h2><p class='soft'>{say(f'{key}.says')}</p>"


def _head(tables: Tables) -> Iterator[str]:
    """Yield what was asked, what was run, and what can be cited."""
    study, runs, failed = tables.study, tables.results.runs, len(tables.results.failed)
    question, _, more = study.story.strip().partition("\n")
    if question:
        yield paragraph(f"<b>{html.escape(question)}</b>") + paragraph(html.escape(" ".join(more.split())))
    seconds = float(runs.drop_duplicates("key")["seconds"].sum())
    days = say("days.one") if study.days == 1 else say("days.many", n=f"{study.days:,}")
    yield paragraph(
        say("head", runs=value(len(runs), statistic="runs"), points=value(len(study.points), statistic="points"),
            design=words("design", study.design.kind), seeds=seeds_of(tables), days=days,
            base=f"<b>{html.escape(study.base.name)}</b>", first=str(study.base.calendar.start),
            seconds=value(seconds, f"{seconds:,.0f}", statistic="seconds"))
    )  # fmt: skip
    yield paragraph(say("head.what"))
    yield paragraph(say("record", record=f"<code>{html.escape(tables.results.record)}</code>"), "soft")
    if failed:
        key = "failed.some" if failed < len(runs) else "failed.all"
        yield paragraph(say(key, n=value(failed, statistic="failed"), runs=f"{len(runs):,}"), "warning")


def _findings(tables: Tables) -> Iterator[str]:
    """Yield how sure one can be, in sentences, and how the variance splits."""
    yield section("findings")
    sentences, found = said(tables.results), shares(tables.results)
    if sentences:
        yield listed(html.escape(sentence) for sentence in sentences[:MOST_SAID])
    if len(sentences) > MOST_SAID:
        more = listed(html.escape(sentence) for sentence in sentences[MOST_SAID:])
        yield f"<details><summary>{say('findings.more', n=f'{len(sentences) - MOST_SAID:,}')}</summary>{more}</details>"
    if tables.study.replicates == 1:
        yield paragraph(say("findings.one_seed"))
    if found:
        yield tabled.shares(found)


def _pictures(tables: Tables) -> Iterator[str]:
    """Yield the pictures, outcome by outcome."""
    for outcome in tables.outcomes:
        drawn = list(series(tables, outcome) if outcome.series else numeric(tables, outcome))
        if drawn:
            unit = tables.unit(outcome)
            said_of = tables.meaning(outcome) + (f" [{unit}]" if unit else "")
            yield f"<h3>{html.escape(outcome.name)}</h3>" + paragraph(html.escape(said_of), "soft")
            yield from drawn
    if continuous(tables):
        yield from scatter(tables)


def _again(tables: Tables) -> Iterator[str]:
    """Yield how to have the same numbers again, and how to read the tables."""
    folder = shlex.quote(tables.results.folder.name)
    yield section("again") + paragraph(say("again.run"))
    yield f"<pre>{html.escape(f'etalase study FILE --out {folder}')}</pre>" + paragraph(say("again.verify"))
    yield f"<pre>{html.escape(f'etalase verify {folder} --sample 5%')}</pre>" + paragraph(say("again.read"))
    lines = (
        f'pandas.read_parquet("{RUNS}")',
        f'polars.read_parquet("{RUNS}")',
        f"duckdb.sql(\"select * from '{RUNS}'\")",
    )
    yield listed(f"<code>{html.escape(line)}</code>" for line in lines)
