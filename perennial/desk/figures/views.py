"""The leadership page: few figures, each with what it means and how it is counted."""

from datetime import date
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from perennial.accounts.roles import Permission
from perennial.insights.costs import DEFINITION, FarewellCosts, farewell_costs
from perennial.insights.queries import Figure, Trend, kpis_with_trends
from perennial.kernel.clock import now
from perennial.web.access import requires
from perennial.web.charts import Chart, Point, with_minus


@requires(Permission.SEE_FIGURES)
@require_GET
def show_figures(request: HttpRequest) -> HttpResponse:
    moment = now()
    cards = [_card(figure, line) for figure, line in kpis_with_trends(now=moment)]
    cards += [_cost_card(costs) for costs in farewell_costs(now=moment)] or [_no_cost_card()]
    return render(request, "desk/figures/figures.html", {"cards": cards, "moment": moment})


def _card(figure: Figure, line: Trend) -> dict[str, object]:
    kpi = figure.kpi
    places = 1 if kpi.measure.unit == "marks" else None
    points = [Point(_day(last), None if value is None else round(value, places)) for last, value in line.points]
    score = kpi.measure.unit == "points"
    unit = _("points") if score else "" if places else "%"
    chart = Chart(str(kpi.label), points, unit=unit, last=_("last 91 days"), signed=score)
    return {
        "title": kpi.label,
        "value": figure.printed(),
        "of": _of(figure),
        "interval": _interval(figure),
        "says": _says(figure),
        "definition": kpi.printed_definition,
        "period": figure.period.replace("/", " – "),
        "chart": chart if any(point.value is not None for point in points) else None,
    }


def _cost_card(costs: FarewellCosts) -> dict[str, object]:
    title = _("What a farewell costs, in %(currency)s") % {"currency": costs.currency}
    points = [Point(_day(last), None if mean is None else float(mean)) for last, mean in costs.trend]
    chart = Chart(title, points, unit=costs.currency, last=_("last 91 days"))
    card = _no_cost_card() | {
        "title": title,
        "chart": chart if any(point.value is not None for point in points) else None,
    }
    if costs.mean is None or costs.total is None:
        return card
    return card | {
        "value": _money(costs.mean),
        "unit": costs.currency,
        "of": _("on average, of %(n)d farewells") % {"n": costs.farewells},
        "says": _("Together they cost %(currency)s %(total)s.")
        % {"currency": costs.currency, "total": _money(costs.total)},
    }


def _no_cost_card() -> dict[str, object]:
    return {
        "title": _("What a farewell costs"),
        "value": "–",
        "says": _("Nothing to say yet: costs are told of five farewells at least, so that nobody's present is priced."),
        "definition": DEFINITION,
    }


def _money(amount: Decimal) -> str:
    return number_format(amount, decimal_pos=2, force_grouping=True)


def _day(day: date) -> str:
    return date_format(day, "j M Y")


def _of(figure: Figure) -> str:
    if figure.value is None:
        return ""
    if figure.kpi.measure.unit in ("points", "marks"):
        return _("out of %(n)d answers") % {"n": figure.n}
    return _("%(numerator)d of %(denominator)d") % {
        "numerator": figure.numerator,
        "denominator": figure.denominator,
    }


def _interval(figure: Figure) -> str:
    if figure.interval is None:
        return ""
    # Rounded first: to so many places number_format cuts off.
    places = 1 if figure.kpi.measure.unit == "marks" else 0
    low, high = (with_minus(number_format(round(bound, places), decimal_pos=places)) for bound in figure.interval)
    return _("between %(low)s and %(high)s, with 95 %% confidence") % {"low": low, "high": high}


def _says(figure: Figure) -> str:
    """What the figure means, in one sentence."""
    if figure.value is None:
        if figure.kpi.behind_the_wall:
            return _(
                "Nothing to say yet: answers are counted in groups of at least five that are not all alike, so that "
                "nobody is recognised."
            )
        return _("Nothing to say yet.")
    if figure.kpi.measure.unit == "points":
        return _says_of_the_score(figure.value, figure.interval)
    return str(figure.kpi.says) % {"share": _share_of_ten(figure.value)}


def _says_of_the_score(value: float, interval: tuple[float, float] | None) -> str:
    """Which side is the larger, and whether that is more than chance."""
    if round(value) == 0:
        return _("As many leavers would recommend us as would not.")
    unsure = interval is not None and interval[0] <= 0 <= interval[1]
    if value > 0:
        if unsure:
            return _("More leavers would recommend us than would not, but so few answers may mislead.")
        return _("More leavers would recommend us than would not.")
    if unsure:
        return _("More leavers would advise against us than would recommend us, but so few answers may mislead.")
    return _("More leavers would advise against us than would recommend us.")


def _share_of_ten(per_cent: float) -> str:
    """In words that stay true at the ends: neither 'none' nor 'all' is said of a share that only rounds to it."""
    of_ten = round(per_cent / 10)
    if per_cent in (0, 100):
        return _("all ten") if per_cent else _("none")
    if of_ten in (0, 10):
        return _("nearly all") if of_ten else _("fewer than one")
    return str(of_ten)
