"""All that the page of a study says, in one catalogue: another language is another ``TEXTS``."""

from experiments.catalogue import Catalogue

LANGUAGE = "en"

TEXTS = {
    # the head
    "head": "{runs} runs: {points} points ({design}), each with {seeds}. A run is {days} of the base {base} from"
    " {first}. They took {seconds} seconds in all.",
    "head.what": "These are results of a simulation, not measurements: they are as good as its assumptions.",
    "seeds.one": "the same seed", "seeds.many": "the same {n} seeds",
    "days.one": "1 day", "days.many": "{n} days",
    "record": "Record: {record}",
    "failed.some": "{n} of {runs} runs failed. Their points are left out of all that follows; they are listed below.",
    "failed.all": "All {runs} runs failed, so there is nothing to show but why.",
    "foot": "Written by etalase {version}. Numbers carry in the page's source the file and the place they come from"
    " (data-file, data-outcome, data-factor, data-index, data-statistic), with all digits (data-value).",
    # designs
    "design.grid": "every combination of levels",
    "design.list": "points that were written down",
    "design.one-at-a-time": "the base, and each factor alone",
    "design.latin-hypercube": "spread evenly over all ranges, a Latin hypercube",
    "design.morris": "Morris's trajectories, on which one factor after the other moves",
    "design.sobol": "Saltelli's scheme for Sobol's indices",
    # headings, and what is said below them
    "findings": "What can be told, and what cannot",
    "findings.says": "Where the sample is too small for an answer, it is said here.",
    "findings.one_seed": "There is one seed a point: how far chance goes is not known. Give the study more replicates"
    " to learn that.",
    "findings.more": "{n} more sentences of this kind",
    "says.ST": "The total effect of {factor} on {outcome} is not distinguishable from 0 with {runs} runs; {advice}.",
    "says.mu_star": "The mean elementary effect of {factor} on {outcome} is not distinguishable from 0 with {runs}"
    " runs; {advice}.",
    "says.enough": "about {runs} would do", "says.none": "it is close to none",
    "says.still": "{factor} does not move {outcome} at all.",
    "says.noise": "Points differ in {outcome} by no more than noise (F = {ratio}, chance {chance}): with {runs}"
    " runs, none of its indices can be told from noise. More replicates would do.",
    "says.unknown": "Nothing can be told of {factor} and {outcome}: it has one value in all points that can be"
    " compared.",
    "says.left_out": "{left} of {all} blocks of points are left of {outcome}: in the others a run failed or has"
    " no value. So what is said holds where runs do not fail.",
    "says.few": "There are no indices of {outcome}: {left} of {all} blocks of points have all their values, and it"
    " takes {fewest}.",
    "says.means": "Of the variance of {outcome} between the means of points, {noise} is noise, which its indices"
    " share out among factors.",
    "says.cost": "{n} of {runs} runs of {outcome} are below 0: there is less with the programs than without, or they"
    " pay less. A cost of that is none, and means over runs, which are means of ratios, say little: keep the difference"
    " of the metric and of subsidies, and divide their means.",
    "says.variance": "Of the variance of {outcome} over single runs, {points} is the factors', {seeds} a shift by the"
    " seed that all points share, {noise} noise.",
    "shares.caption": "How the variance over single runs splits: what the points change, what a seed shifts alike at"
    " every point, and noise, which is neither",
    "outcomes": "Outcomes",
    "outcomes.says": "What was kept of each run, and how it is spread over the points. Every point counts with"
    " the mean"
    " of its seeds.",
    "outcomes.caption": "Over {points} points; 5 % and 95 %: one point in twenty is below, or above",
    "factors": "Factors",
    "factors.says": "What varies. Uncertainties are what nobody can decide, levers are what somebody can.",
    "factors.caption": "Factors, their ranges, and what is declared of them",
    "failed": "Runs that failed",
    "failed.says": "A run that fails stops no other. Run the study again with --resume to try them once more.",
    "failed.caption": "Failed runs",
    "failed.more": "{n} more are left out here; runs.parquet has all.",
    "scatter": "Factors and outcomes",
    "scatter.says": "Each dot is a point, at the mean of its seeds. The rank correlation stands below each"
    " picture: 1 or"
    " -1 if the outcome only ever rises or falls with the factor, near 0 if it hangs on other things.",
    "scatter.left": "Shown are {factors} of {all_factors} numbers, those with the largest rank correlation, and"
    " {outcomes} of {all_outcomes} outcomes.",
    "scatter.sample": "{n} of {points} points are drawn, every so many; correlations are of all.",
    "again": "The same numbers again",
    "again.run": "This command runs the study again; FILE is its file:",
    "again.verify": "This one runs a sample of it again, and compares every result:",
    "again.read": "The tables are plain Parquet, which any tool reads, here by pandas, Polars and DuckDB:",
    "again.says": "runs.parquet has a row for each seed of each point; sensitivity.parquet, if there are"
    " indices, a row"
    " for each outcome, day, factor and index; study.json all that the study depends on. The record is a hash of the"
    " inputs, the version of the model and all results.",
    # an outcome
    "outcome.none": "No point has a value of {name}, so there is nothing to draw.",
    "outcome.alone": "{name} has a value at one point only: {value}. There is nothing to compare it with.",
    "outcome.constant": "{name} is the same at every point: {value}. No factor moves it.",
    "outcome.some": "{n} of {points} points have no value of {name}; they are left out.",
    "line.caption": "{outcome} by {factor}: the mean over {n} seeds; the band goes from the lowest seed to the"
    " highest.",
    "line.caption.one": "{outcome} by {factor}: one seed at each value, so that how far chance goes is not known.",
    "heat.caption": "{outcome} by {x} and {y}: the darker, the more.",
    "heat.caption.signs": "{outcome} by {x} and {y}: blue is above 0, orange below, and the darker, the further.",
    "heat.averaged": "Averaged over the levels of all others: {others}.",
    "heat.missing": "Where a tile is missing, a run failed or has no value.",
    "tornado.caption": "How far {outcome} moves from the base when one factor alone is set to each of its"
    " levels, those"
    " that move it most first. At the base it is {base}.",
    "options.caption": "{outcome} by {factor}",
    "options.says": "By option: the line goes from 5 % to 95 % of the points, the box holds the middle half of them,"
    " the bar is their median; dots are points.",
    "mu_star.caption": "Mean absolute elementary effect on {outcome}: how far it moves, on average, when a"
    " factor crosses its whole range, or goes from one option to another, and the others stand anywhere. Lines are 95 %"
    " intervals.",
    "spread.caption": "Mean (mu*) and spread (sigma) of the elementary effects on {outcome}; the first are"
    " numbered as in the table. Above the dashed line a factor's effect hangs on where the others stand, or is"
    " far from a straight line.",
    "sobol.caption": "Share of the variance of {outcome} that a factor explains alone (S1), and together with others"
    " (ST). Lines are 95 % intervals. Values below 0 are noise of a small sample.",
    "pairs.caption": "Share of the variance of {outcome} that pairs of factors explain beyond each alone (S2)",
    "indices.left": "{n} more factors, which matter less, are left out; sensitivity.parquet has all.",
    "indices.noise": "No index of {outcome} can be told from noise, so that their order means nothing.",
    "indices.none": "There are no indices for {outcome}: too few whole blocks of points are left, or it is constant.",
    "indices.caption.morris": "Elementary effects on {outcome}, in its unit; in small, the 95 % interval",
    "indices.caption.sobol": "Indices of {outcome}, shares of its variance; in small, the 95 % intervals",
    "indices.caption.one-at-a-time": "Changes of {outcome} against the base, in its unit",
    "fan.caption": "{outcome}: half of the points lie in the dark band on each day, nine of ten in the light one; the"
    " line is the median of {points}.",
    "fan.alone": "{outcome} at the one point that ran.",
    "fan.programs": "Bars show when programs are on, as far as points have them and set no other days.",
    "fan.same": "On no day does any point differ from another.",
    "days.caption.ST": "Total effect (ST) on {outcome}, each day: the share of the variance between points in"
    " which a factor"
    " has a part.",
    "days.caption.mu_star": "Mean absolute elementary effect (mu*) on {outcome}, each day.",
    "days.others": "The dashed line is the largest of the {n} factors that are left out.",
    # names
    "others": "largest of the others", "as_base": "(base)", "on": "on", "off": "off", "dash": "–",
    "rank": "{rank}. {name}",
    "level.low": "first level", "level.high": "last level", "level.between": "between",
    "index.ST": "with others (ST)", "index.S1": "alone (S1)",
    "axis.share": "share of the variance", "axis.mu_star": "mu*, {outcome}", "axis.sigma": "sigma, {outcome}",
    "axis.change": "change of {outcome}",
    "unit.each": "Rp each", "unit.per": "Rp per {unit}", "trillion": "trillion", "billion": "billion",
    "million": "million", "thousand": "thousand",
    "kind.difference": "{doc}: how much more with {of} than without",
    "kind.share": "{doc}: how much more with {of}, as a share of what there is without",
    "kind.cost": "{doc}: rupiah that programs pay for each more that there is with {of}",
    "of.programs": "all programs of the point",
    "over.mean": "mean of the days", "over.sum": "sum over the days", "over.min": "lowest day",
    "over.max": "highest day", "over.last": "last day", "over.series": "by day",
    "over.from": "{over}, from day {first} to day {last}",
    "role.uncertainty": "uncertainty", "role.lever": "lever",
    "range": "{low} to {high}", "levels": "from {first} to {last}",
    "distribution.choice": "each as likely", "distribution.uniform": "uniform",
    "distribution.loguniform": "uniform in its logarithm", "distribution.triangular": "triangular, mode {mode}",
    "distribution.normal": "normal, mean {mean}, sd {sd}, cut off",
    "does.programs": "programs {names}", "does.mechanisms": "mechanisms {names}", "does.after": "{name} after"
    " {place}",
    "does.nothing": "as in the base",
    # columns
    "column.factor": "factor", "column.role": "role", "column.range": "range or options", "column.unit": "unit",
    "column.distribution": "distribution", "column.base": "in the base",
    "column.source": "source", "column.outcome": "outcome", "column.over": "of a run", "column.low": "lowest",
    "column.q5": "5 %", "column.median": "median", "column.q95": "95 %", "column.high": "highest",
    "column.points": "points", "column.seeds": "seeds", "column.noise": "noise", "column.point": "point",
    "column.seed": "seed", "column.error": "error", "column.mu_star": "mu*", "column.mu": "mu", "column.sigma":
    "sigma",
    "column.S1": "alone (S1)", "column.ST": "with others (ST)",
    "column.pair": "pair", "column.S2": "S2", "column.change_low": "at the first level",
    "column.change_high": "at the last level",
    "correlation": "rank correlation {rho}", "correlation.none": "rank correlation not known",
}  # fmt: skip

CATALOGUE = Catalogue(TEXTS)
text, plain, say, words = CATALOGUE.text, CATALOGUE.plain, CATALOGUE.say, CATALOGUE.words
