"""All that a report says, in one catalogue: another language is another ``TEXTS``."""

from experiments.catalogue import Catalogue

LANGUAGE = "en"

TEXTS = {
    # the head
    "title": "What would the program really do?",
    "head": "Base: {base}, from {first}, {days} days, worlds simulated: {seeds}. One agent of the simulation stands"
    " for"
    " {scale} in the market; rupiah and numbers of people and orders below are for the whole market.",
    "head.twins": "Each world was lived twice by the same people with the same luck, with the program and without."
    " What differs between these twins is the effect of the program, and nothing else. These are results of a"
    " simulation, not measurements: they are as good as its assumptions.",
    "comparison": "The programs side by side",
    "comparison.caption": "Effects within their error or the noise floor are not printed.",
    "foot": "Written by etalase {version}. Each number carries its place in effects.json (in the page's source:"
    " data-path, or data-from and data-by).",
    "not_twin": "Two markets, not twins: this arm has other people or another calendar than the"
    " base."
    " What differs below is not the effect of a program alone.",
    "not_twin.short": "(another market, not a twin)",
    # the answer
    "answer.up": "Over {days} days {arm} raises GMV by {effect} (simulation error ±{error}{range}).",
    "answer.down": "Over {days} days {arm} lowers GMV by {effect} (simulation error ±{error}{range}).",
    "answer.up.other": "Over {days} days GMV in {arm} is {effect} higher than in the base, another market"
    " (simulation error ±{error}{range}).",
    "answer.down.other": "Over {days} days GMV in {arm} is {effect} lower than in the base, another market"
    " (simulation error ±{error}{range}).",
    "answer.range": "; {low} to {high} over the assumptions",
    "answer.range.sign": "; {low} to {high} over the assumptions, so even its sign hangs on them",
    "answer.chance": "Over {days} days no effect of {arm} on GMV can be told from chance: it would have to be larger"
    " than about {least}.",
    "answer.one": "Over {days} days no effect of {arm} on GMV can be told from chance: a single world was"
    " simulated, so"
    " its error is unknown. Simulate more seeds.",
    "answer.none": "Over {days} days {arm} changes nothing of GMV, in any world.",
    "answer.parts": "Of what was bought with it {anyway} would have been bought anyway, {moved} was moved from other"
    " sellers, products, creators, channels or days, and {new} is new.",
    "answer.no_gross": "Nothing was bought with it.",
    "answer.cost": "It costs {per} per additional rupiah of GMV.",
    "answer.free": "Nothing was spent on it.",
    "answer.dear": "What it costs per additional rupiah of GMV cannot be said.",
    "answer.spent": "It costs {spent}.",
    # words in place of numbers
    "unknown": "unknown", "dash": "–", "one_world": "unknown: one world", "no_noise": "not known",
    "unmoved": "nothing moved",
    "chance": "not told from chance", "nothing": "no change", "not_asked": "not asked", "no_cost": "cannot be said",
    "no_gain": "none is gained", "not_ended": "not spent up", "day": "day\u00a0{day}", "range": "{low} to {high}",
    "limit": "its limit", "median_range": "{low} to {high}",
    "points": "points", "million": "million", "billion": "billion", "trillion": "trillion",
    # headings, and what is said below them
    "metrics": "The figures that carry it",
    "metrics.says": "Effects are shares of the base; effects on shares are in points. An effect that is smaller"
    " than its"
    " error, or than what a nudge of pure luck does, is not told from chance and not printed.",
    "metrics.ratio": "Variance ratio: how many times as much differences vary between worlds that are no twins.",
    "metrics.caption": "Means a day over {days} days and {seeds} worlds; error: half of the {level} interval; chance:"
    " what moving the luck of a few people does (noise floor); range: the lowest and highest effect over the"
    " assumptions. Money and counts are of the whole market: {scale} per"
    " agent.",
    "days": "Day by day",
    "days.says": "GMV with the program and without, what differs, and when the programs are on.",
    "days.caption": "Mean of all worlds. The dashed line ends the days that are counted; a week more is simulated for"
    " orders that were only moved in time. Below, bars show when each program is on; a cross marks the mean day on"
    " which"
    " its budget was spent.",
    "parts": "What is new, what was moved, what would have happened anyway",
    "parts.says": "Every order with the program is matched with the order that the same user makes without it: on the"
    " same day, or within four weeks. Everybody else is shown beside it as the floor: so much differs where nobody"
    " takes part.",
    "parts.caption": "Mean of a world, in the whole market. The parts add up to the gross exactly.",
    "shares.caption": "Shares of what was bought with the program. Low and high: the noise that offers of a category"
    " share, on which displacement hangs and which nobody has measured, at its ends (first world only).",
    "net": "Gross is {gross}: sales that a press release could count as the program's, whether or not they would have"
    " happened without it. Net is {net}: by how much more is bought and kept in the whole market than in the twin"
    " without the program, returns taken off, over {days} days and a week more. Net also holds what is sold no more:"
    " {lost} of orders of the twin have no counterpart.",
    "net.chance": "not told from chance",
    "sigma.caption": "Shares of gross rupiah; low and high in the first world only",
    "sigma.not_asked": "How these shares hang on the assumptions was not asked.",
    "sigma.low": "low", "sigma.own": "as in the scenario", "sigma.high": "high",
    "displaced": "Where it would have been spent",
    "displaced.says": "Shares of the rupiah of the program's orders: rows say where the matched order without the"
    " program went, columns"
    " where it went with it; the last row found no match, and is new. What stands on the diagonal was not moved.",
    "displaced.from": "without, in",
    "displaced.channel": "By channel", "displaced.size": "By size of the seller", "displaced.origin": "By origin",
    "kind.video": "video", "kind.live": "LIVE", "kind.search": "shelf", "kind.new": "nowhere (new)",
    "cost": "What it costs",
    "cost.says": "A rupiah counts as additional only if it is not there in the twin.",
    "cost.caption": "Mean of a world. Additional amounts: net of returns, over the days and a week more.",
    "cost.spent": "Spent", "cost.gross": "per rupiah of gross GMV", "cost.gmv": "per additional rupiah of GMV",
    "cost.creator_income": "per additional rupiah of creators' income",
    "cost.umkm_margin": "per additional rupiah of UMKM sellers' margin",
    "programs.caption": "What each program spent, and how many took part",
    "gains": "Who gains, who loses",
    "gains.says": "Each person is compared with the same person in the twin: creators by what they were paid,"
    " sellers by"
    " their revenue, users by what they bought and kept. Some gain and some lose in any two worlds that differ, so"
    " look"
    " for groups that lean to one side.",
    "bands.caption": "{who} until day {day}: those who lose stand on the left, those who gain on the right. In"
    " brackets: agents in a world;"
    " groups of fewer than five are left out.",
    "side.users": "Users", "side.creators": "Creators", "side.sellers": "Sellers",
    "band.0": "lose more than 5 %", "band.1": "lose less", "band.2": "no change", "band.3": "gain less",
    "band.4": "gain more than 5 %",
    "group.size_of": "{group} ({n})", "group.all": "everybody", "group.income decile": "income decile {member}",
    "group.student": "student: {member}",
    "group.treated": "takes part: {member}", "group.followers": "followers {member}",
    "group.inclusion": "inclusion: {member}", "group.size": "size {member}", "group.local": "local: {member}",
    "provinces": "By province",
    "provinces.caption": "{who} until day {day}: share who gain less share who lose. Grey, or not listed: too few"
    " people.",
    "provinces.few": "There are too few people in each province to say anything of it.",
    "inequality": "Inequality",
    "inequality.caption": "Gini: the larger, the more of it is held by few",
    "gini": "{who}: Gini, day {day}", "wage": "Creators paid above the minimum wage, day {day}",
    "mobility": "Who moves up and down among creators",
    "mobility.caption": "Creators in each fifth by income without the program (rows) and with it (columns), day {day},"
    " mean of a world, agents",
    "fifth.0": "lowest", "fifth.1": "low", "fifth.2": "middle", "fifth.3": "high", "fifth.4": "highest",
    "audit": "Headline against truth",
    "audit.says": "What a press release would say of those who took part, and what is left of it: sales in some weeks"
    " after taking part over sales in some weeks before.",
    "audit.caption": "Median over all pairs of windows (lowest to highest)",
    "chain.caption": "The chain: the headline is the product of the four links beside it, for every pair of windows."
    " Medians (lowest to highest)",
    "chain": "{who}, with {before} days before, {after} days after and a gap of {gap} days: {mean_of_ratios} ="
    " {estimator} (estimator) times {season} (season) times {selection} (selection) times {causal} (causal).",
    "chain.mean_of_ratios": "Press figure: the mean of everybody's ratio of sales after to sales before.",
    "chain.estimator": "Estimator: what tiny sales before blow up; the mean of ratios over the ratio of sums.",
    "chain.season": "Season: what those who never take part sell in the same weeks.",
    "chain.selection": "Selection: those who take part would have grown more than others without it, too.",
    "chain.causal": "Causal: what the same people sell in the same weeks with the program, over without: the truth.",
    "chain.difference_in_differences": "Difference in differences: the ratio of sums over that of similar people who"
    " never take part; what a good evaluation without a twin would find.",
    "chain.spillover": "Spillover: what never-takers sell in these weeks, over what they would without the program.",
    "windows.caption": "{who}: four ways to count, for every pair of windows. The dashed line: no change.",
    "window": "{before} to {after} days, gap {gap}",
    "way.mean_of_ratios": "press figure", "way.ratio_of_sums": "ratio of sums",
    "way.difference_in_differences": "difference in diff.", "way.causal": "truth (twin)",
    "lottery": "What a lot would tell",
    "lottery.says": "Who may take part was drawn by lot. An evaluation without a twin would compare those drawn with"
    " those not drawn, and divide by the difference in take-up: the effect on a taker, as a share of what takers would"
    " have had. The truth is what the same takers have in the twin.",
    "lottery.caption": "Effect on a taker from the program's start on, mean of the worlds; the error is that of one",
    "column.may": "drawn", "column.may_not": "not drawn", "column.estimate": "estimate",
    "column.standard_error": "standard error", "column.truth": "truth (twin)",
    "reach": "How far it reaches",
    "reach.says": "Share of people who until a day had any order that differs between the twins; and of those who"
    " buy on"
    " that day, how many buy differently. A history that differs once is counted for good, also where it differs by"
    " luck.",
    "tornado": "What would change the answer",
    "tornado.says": "Nobody has measured these assumptions well. Each is set to its low and high end, in both"
    " worlds: the"
    " longer a bar, the more the effect on GMV hangs on it.",
    "tornado.caption": "Effect on GMV, as a share of the base. Dots: the ends of each assumption, in the first world"
    " alone. Dashed line and blue band: all worlds, with their error. Where all dots lie on one side of the line, the"
    " first world differs from the others by luck.",
    "tornado.not_asked": "It was not asked what the assumptions change.",
    "assumptions.caption": "Effects on GMV with each assumption at its ends, first world only",
    "end.low": "low end", "end.high": "high end",
    "sources": "What it rests on",
    "sources.says": "Assumptions and sources of the program's file, and how to have the same numbers again.",
    "sources.assumptions": "Assumptions", "sources.sources": "Sources", "sources.none": "None are given.",
    "again": "The same numbers again",
    "again.says": "Seeds {seeds}; fingerprints of the scenarios: base {base}, arm {arm}; etalase {version}.",
    "seeds": "{first} to {last}",
    "limits": "What was not asked",
    "limit.one_world": "How far chance goes: a single world was simulated.",
    "limit.no_noise": "The noise floor: the nudge of luck moved nothing, so it does not say how large chance is.",
    "limit.not_twin": "What the program alone does: the arm is another market.",
    "limit.no_ranges": "What the assumptions change: their ends were not simulated.",
    "limit.no_audit": "The headline: too few took part, or no pair of windows before and after fits into the days.",
    "limit.stages": "How many seeds were needed was decided after a first stage; errors keep the spread of that"
    " stage.",
    "limit.own": "What the program's own numbers change: take-up, doses and costs are as assumed in its file.",
    "limit.first": "What assumptions change together: each was moved alone, in the first world, all others kept.",
    "limit.agents": "Errors of a single group, province or share: they are printed as they were counted.",
    "limit.later": "What happens after the last day.",
    "limit.answers": "How rivals, other platforms and shops outside of the market answer.",
    "limit.welfare": "Taxes, wages, prices elsewhere, and what the money would have done in other hands.",
    # columns and rows
    "column.what": "what", "column.without": "without", "column.with": "with", "column.effect": "effect",
    "column.error": "error ±", "column.range": "range", "column.noise": "chance",
    "column.variance_ratio": "variance ratio", "column.part": "part", "column.rupiah": "rupiah",
    "column.of_rupiah": "of rupiah", "column.orders": "orders", "column.of_orders": "of orders",
    "column.floor": "everybody else", "column.sigma": "shared noise", "column.anyway": "anyway",
    "column.moved": "moved", "column.new": "new", "column.program": "program", "column.spent": "spent",
    "column.ended": "budget spent on", "column.users": "users", "column.creators": "creators",
    "column.sellers": "sellers", "column.day": "until", "column.same_day": "buyers of that day",
    "column.arm": "program", "column.gmv_effect": "effect on GMV", "column.gmv_error": "error ±",
    "column.per_additional": "per additional rupiah of GMV", "column.lose": "lose", "column.none": "no change",
    "column.gain": "gain", "column.side": "who", "column.takers": "take part", "column.mean_of_ratios": "press figure",
    "column.ratio_of_sums": "ratio of sums", "column.difference_in_differences": "difference in differences",
    "column.causal": "truth (twin)", "column.estimator": "estimator", "column.season": "season",
    "column.selection": "selection", "column.spillover": "spillover on others", "column.assumption": "assumption",
    "column.at_low": "effect if low", "column.at_high": "effect if high", "column.value_low": "low end",
    "column.value_high": "high end", "column.unit": "unit", "column.source": "source",
    "part.anyway": "anyway", "part.other seller": "from another seller", "part.other product": "another product",
    "part.other creator": "another creator", "part.other channel": "another channel", "part.other day": "another day",
    "part.new": "new", "part.all": "all",
    "row.gmv": "with it: rupiah", "row.orders": "with it: orders", "row.floor": "everybody else",
    "row.low": "rupiah, low", "row.high": "rupiah, high",
    "world.base": "without", "world.arm": "with the program", "axis.gmv": "GMV a day, Rp {size}",
    "axis.more": "difference",
    "axis.times": "sales after over before", "axis.effect": "effect on GMV",
    # plain names
    "metric.gmv": "Sales (GMV)", "metric.gmv_video": "Sales from video", "metric.gmv_live": "Sales from LIVE",
    "metric.gmv_search": "Sales from the shelf", "metric.orders": "Orders", "metric.commissions": "Commissions",
    "metric.seller_margin": "Sellers' margin", "metric.subsidies": "Paid by programs",
    "metric.platform_revenue_net": "Platform's net revenue", "metric.creators_active": "Creators in business",
    "metric.creators_above_minimum_wage": "Creators above the minimum wage",
    "metric.creator_income_gini": "Inequality among creators", "metric.local_share": "Local products in the feed",
    "metric.umkm_connected": "UMKM shown by creators", "metric.umkm_gmv_share": "UMKM share of sales",
    "metric.treated_creators_income": "Income of creators who take part",
    "metric.treated_sellers_revenue": "Revenue of sellers who take part",
    "doc.treated_creators_income": "Paid to those who ever take part, a day, in both worlds",
    "doc.treated_sellers_revenue": "Sold by those who ever take part, a day, in both worlds",
    "assumption.mechanisms.purchase.sigma_n": "How much sales displace each other",
    "assumption.mechanisms.purchase.b_p": "How buyers react to prices",
    "assumption.mechanisms.purchase.a_need": "How much more those buy who searched",
    "assumption.mechanisms.purchase.satiation_memory": "How soon buyers want again",
    "assumption.mechanisms.search.need": "How often people look for something",
    "assumption.mechanisms.reputation.rating_prior": "What is expected of unknown products",
    "assumption.mechanisms.live.l0": "How readily visitors stay in LIVE rooms",
    "assumption.mechanisms.discovery.gamma": "How the feed favours what is popular",
    "assumption.mechanisms.fulfilment.sold_memory": "How long past sales draw more",
    "assumption.mechanisms.fulfilment.half_life": "How long buyers remember prices",
}  # fmt: skip

CATALOGUE = Catalogue(TEXTS)
text, plain, say, words = CATALOGUE.text, CATALOGUE.plain, CATALOGUE.say, CATALOGUE.words
