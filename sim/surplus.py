"""What the offers of the day are worth to their users, and how prices move that.

    log-sum   = ln(1 + sum_j exp V_j)                              V_j: utility without the noise of single offers
    response  = sum_j P_j b_p sens_u paid_j / (paid_j + ship_u),   P_j = exp V_j / (1 + sum_k exp V_k)

The response is the derivative of the log-sum by a uniform cut of ln prices (Small and Rosen, 1981); shipping is not
cut. Both are added up in fixed point.
"""

from numba import njit

from sim.flows import FIXED, Total
from sim.mathematics import exp, log

_LOG_SUM, _PRICE_RESPONSE = int(Total.LOG_SUM), int(Total.PRICE_RESPONSE)


@njit(cache=True)
def price_part(paid, shipping):
    """Return the part of what an order costs that moves with prices, the derivative of ln(paid + shipping) by ln paid.

    It is 0 where utility takes the cost as Rp1 already.
    """
    return paid / (paid + shipping) if paid + shipping > 1.0 else 0.0


@njit(cache=True)
def add_value(odds, moved, totals):
    """Add the log-sum of offers whose odds against not buying add up to ``odds``; ``moved`` is how prices move them."""
    totals[_LOG_SUM] += int(log(1.0 + odds) * FIXED)
    totals[_PRICE_RESPONSE] += int(moved / (1.0 + odds) * FIXED)


@njit(cache=True, nogil=True)
def add_surplus(start, sensitivity, tastes, choices, paid, own_noise, totals):
    """Add what the offers of each user of the block are worth, before the noise of single offers, to ``totals``."""
    last, odds, moved = -1, 0.0, 0.0
    for i in range(choices.row.shape[0]):
        if choices.row[i] != last:
            add_value(odds, moved, totals)
            last, odds, moved = choices.row[i], 0.0, 0.0
        own = exp(choices.value[i] - own_noise[i])
        odds += own
        moved += own * tastes.b_p * sensitivity[start + last] * price_part(paid[i], tastes.shipping_paid)
    add_value(odds, moved, totals)
