"""Formulae with their sources; the worked vectors of standards.md 4 are the tests."""

from math import sqrt

# Two-sided 95 %: the 0.975 quantile of the normal distribution.
Z95 = 1.959963984540054


def wilson(*, hits: int, of: int) -> tuple[float, float] | None:
    """The Wilson score interval of a share at 95 %, in [0, 1]; None where there is nothing to divide by.

    E. B. Wilson, Journal of the American Statistical Association 22 (1927).
    """
    if of <= 0:
        return None
    share = hits / of
    middle = share + Z95**2 / (2 * of)
    half = Z95 * sqrt(share * (1 - share) / of + Z95**2 / (4 * of**2))
    scale = 1 + Z95**2 / of
    # At the ends of the scale rounding may step over by an ulp.
    low = 0.0 if hits == 0 else (middle - half) / scale
    high = 1.0 if hits == of else (middle + half) / scale
    return max(0.0, low), min(1.0, high)


def nps(*, promoters: int, passives: int, detractors: int) -> float | None:
    """Net promoter score, from -100 to 100; None without answers."""
    answers = promoters + passives + detractors
    return 100 * (promoters - detractors) / answers if answers else None


def nps_interval(*, promoters: int, passives: int, detractors: int) -> tuple[float, float] | None:
    """The adjusted Wald interval of the score at 95 %, clipped to [-100, 100]; None without answers.

    Three pseudo-answers (3/4 promoter, 3/2 passive, 3/4 detractor) keep it from collapsing to nothing when all
    answers are alike.
    """
    if promoters + passives + detractors == 0:
        return None
    adjusted = promoters + 0.75, passives + 1.5, detractors + 0.75
    answers = sum(adjusted)
    p, d = adjusted[0] / answers, adjusted[2] / answers
    middle = 100 * (p - d)
    half = 100 * Z95 * sqrt((p + d - (p - d) ** 2) / answers)
    return max(-100.0, middle - half), min(100.0, middle + half)


def mean_interval(*, total: int, squares: int, n: int, low: float, high: float) -> tuple[float, float] | None:
    """Student's t interval of a mean at 95 %, clipped to the scale; None below two answers.

    `total` and `squares` are the sum of the answers and of their squares.
    """
    if n < 2:
        return None
    mean = total / n
    variance = max(0.0, (squares - total * mean) / (n - 1))
    half = _t95(n - 1) * sqrt(variance / n)
    return max(low, mean - half), min(high, mean + half)


def _t95(degrees: int) -> float:
    """The 0.975 quantile of Student's t, by the expansion of Cornish and Fisher: within 0.01 from four degrees on.

    Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 26.7.5.
    """
    z, v = Z95, degrees
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
    )
