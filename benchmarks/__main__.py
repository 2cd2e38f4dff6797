"""``python -m benchmarks [market|sampler|mesa|study]... [--quick]``: how fast it is, and beside what."""

import argparse

from benchmarks import market, mesa, sampler, study
from benchmarks.machine import line

SUITES = {"market": market.main, "sampler": sampler.main, "mesa": mesa.main, "study": study.main}

parser = argparse.ArgumentParser(prog="python -m benchmarks", description="How fast it is, and beside what.")
parser.add_argument("suites", nargs="*", metavar="|".join(SUITES), help="which to run; all if none is named")
parser.add_argument("--quick", action="store_true", help="fewer repeats and smaller sizes")
asked = parser.parse_args()
if unknown := set(asked.suites) - set(SUITES):
    parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; choose among {', '.join(SUITES)}")

print(line())
for suite in asked.suites or SUITES:
    SUITES[suite](asked.quick)
