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
