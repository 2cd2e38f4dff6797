"""exp, log and cos of basic operations only, so that every machine gives the same bits.

The functions of C libraries, of NumPy and of LLVM differ from each other in the last bit, and a
last bit is enough to change who buys what. These use +, -, x, / and sqrt, which IEEE 754 fixes
exactly, in a fixed order (numba neither reorders nor fuses them: ``fastmath`` stays off). They are
within 2 units in the last place of the true value (``tests/test_mathematics.py`` measures it).

    exp x = 2^k exp r             r = x - k ln 2, in [-ln 2 / 2, ln 2 / 2]; Taylor to r^13
    log x = k ln 2 + 2 artanh s   s = (m - 1) / (m + 1), x = 2^k m, m in [sqrt 1/2, sqrt 2)
    cos x = +-cos r or +-sin r    r = x - k pi / 2, in [-pi / 4, pi / 4]; Taylor to r^17

The splitting of ln 2 and pi / 2 into parts, the first with trailing zeros so that its product with
``k`` is exact, follows Cody and Waite, "Software Manual for the Elementary Functions" (1980).
"""

import numpy as np
from numba import njit

_LN2_HIGH, _LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10
_HALF_PI_HIGH, _HALF_PI_MID, _HALF_PI_LOW = 1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21
_EXP_MAX, _EXP_MIN = 709.0, -708.0
_ONE_BITS, _MANTISSA_BITS = np.int64(0x3FF0000000000000), np.int64(0x000FFFFFFFFFFFFF)
_BIAS, _SHIFT = np.int64(1023), np.int64(52)
_SQRT2 = 1.4142135623730951


@njit(cache=True)
def exp(x):
    """Return e to the ``x``; 0 below -708 and infinity above 709 (no subnormal results)."""
    if x > _EXP_MAX:
        return np.inf
    if x < _EXP_MIN:
        return 0.0
    k = np.floor(x * 1.4426950408889634 + 0.5)
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    tail = 1.6059043836821613e-10  # 1 / 13!
    tail = tail * r + 2.08767569878681e-09
    tail = tail * r + 2.505210838544172e-08
    tail = tail * r + 2.755731922398589e-07
    tail = tail * r + 2.7557319223985893e-06
    tail = tail * r + 2.48015873015873e-05
    tail = tail * r + 0.0001984126984126984
    tail = tail * r + 0.001388888888888889
    tail = tail * r + 0.008333333333333333
    tail = tail * r + 0.041666666666666664
    tail = tail * r + 0.16666666666666666
    tail = tail * r + 0.5
    two_to_k = np.int64((np.int64(k) + _BIAS) << _SHIFT).view(np.float64)
    return (1.0 + (r + r * r * tail)) * two_to_k


@njit(cache=True)
def log(x):
    """Return the natural logarithm of a positive normal ``x``; minus infinity at or below 0."""
    if x <= 0.0:
        return -np.inf
    if not x < np.inf:
        return x
    bits = np.float64(x).view(np.int64)
    k = (bits >> _SHIFT) - _BIAS
    m = np.int64((bits & _MANTISSA_BITS) | _ONE_BITS).view(np.float64)
    if m > _SQRT2:
        m *= 0.5
        k += 1
    f = m - 1.0
    s = f / (m + 1.0)
    z = s * s
    tail = 0.043478260869565216  # 1 / 23
    tail = tail * z + 0.047619047619047616
    tail = tail * z + 0.05263157894736842
    tail = tail * z + 0.058823529411764705
    tail = tail * z + 0.06666666666666667
    tail = tail * z + 0.07692307692307693
    tail = tail * z + 0.09090909090909091
    tail = tail * z + 0.1111111111111111
    tail = tail * z + 0.14285714285714285
    tail = tail * z + 0.2
    tail = tail * z + 0.3333333333333333
    # 2 s = f - s f, so that the large part of the sum, f, is exact
    return k * _LN2_HIGH + (f - (s * (f - 2.0 * z * tail) - k * _LN2_LOW))


@njit(cache=True)
def cos(x):
    """Return the cosine of ``x``, for ``|x|`` up to about 10,000 (beyond, digits are lost)."""
    k = np.floor(x * 0.6366197723675814 + 0.5)
    r = ((x - k * _HALF_PI_HIGH) - k * _HALF_PI_MID) - k * _HALF_PI_LOW
    quadrant = np.int64(k) & 3
    value = _sin_near_zero(r) if quadrant & 1 else _cos_near_zero(r)
    return -value if quadrant == 1 or quadrant == 2 else value


@njit(cache=True)
def _cos_near_zero(r):
    z = r * r
    tail = 4.779477332387385e-14  # 1 / 16!
    tail = tail * z - 1.1470745597729725e-11
    tail = tail * z + 2.08767569878681e-09
    tail = tail * z - 2.755731922398589e-07
    tail = tail * z + 2.48015873015873e-05
    tail = tail * z - 0.001388888888888889
    tail = tail * z + 0.041666666666666664
    return 1.0 - (0.5 * z - z * z * tail)


@njit(cache=True)
def _sin_near_zero(r):
    z = r * r
    tail = 2.8114572543455206e-15  # 1 / 17!
    tail = tail * z - 7.647163731819816e-13
    tail = tail * z + 1.6059043836821613e-10
    tail = tail * z - 2.505210838544172e-08
    tail = tail * z + 2.7557319223985893e-06
    tail = tail * z - 0.0001984126984126984
    tail = tail * z + 0.008333333333333333
    tail = tail * z - 0.16666666666666666
    return r + r * z * tail


@njit(cache=True)
def logistic(x):
    """Return ``1 / (1 + exp(-x))``."""
    if x >= 0.0:
        return 1.0 / (1.0 + exp(-x))
    odds = exp(x)
    return odds / (1.0 + odds)


@njit(cache=True)
def power(x, y):
    """Return a non-negative ``x`` to the ``y``; ``power(0, y)`` is 0 (and 1 where ``y`` is 0)."""
    if y == 0.0:
        return 1.0
    if y == 1.0:
        return x
    return exp(y * log(x)) if x > 0.0 else 0.0


@njit(cache=True)
def saturate(x, ceiling):
    """Return ``x / (1 + x / ceiling)``: near ``x`` when small, never above ``ceiling``."""
    return x / (1.0 + x / ceiling)


@njit(cache=True)
def rupiah(amount):
    """Return a non-negative amount in whole rupiah, halves up: .7 of Rp100,000 is Rp70,000 in single precision too."""
    return int(amount + 0.5)
