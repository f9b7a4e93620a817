"""Every KPI, declared. To add one, add it to `KPIS`: it is then on the leadership page and in `perennial kpi`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from perennial.departures import metrics
from perennial.departures.metrics import Span
from perennial.insights.measures import MEAN_OF_SUBJECTS, NOT_DETRACTORS, PROMOTERS, SCORE, SHARE, Measure

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Counting(Protocol[T_co]):
    """Counts of each span, in one statement for any number of spans."""

    def __call__(self, *, spans: Sequence[Span]) -> Sequence[T_co]: ...


@dataclass(frozen=True, kw_only=True)
class Kpi(Generic[T]):
    """What it is called, what of what it is, and how that is counted and measured."""

    code: str
    label: str | Promise
    # One sentence that names the numerator and, after 'of', the denominator.
    definition: str | Promise
    # One more whenever something else is counted or measured: figures of two versions are not the same figure.
    version: int
    # Several may count by the same function; it is then asked once.
    counted: Counting[T]
    measure: Measure[T]
    # What a value means, for leadership; %(share)s is the share of ten in words. A score is put into words by its sign.
    says: str | Promise = ""
    # Counted over closed groups alone, which is why there may be nothing to say although people answered.
    behind_the_wall: bool = False

    @property
    def printed_definition(self) -> str:
        return _now("%(definition)s; interval: %(interval)s. Version %(version)d.") % {
            "definition": self.definition,
            "interval": self.measure.interval,
            "version": self.version,
        }


KPIS: tuple[Kpi[Any], ...] = (
    Kpi(
        code="nps_at_departure",
        label=_("Would recommend us"),
        definition=_(
            "Share of leavers who answer 9 or 10 to 'would you recommend us as an employer?' minus the share who "
            "answer 0 to 6, times 100, over closed groups of at least five answers that are not all alike"
        ),
        version=2,
        counted=metrics.nps_counts_over,
        measure=SCORE,
        behind_the_wall=True,
    ),
    Kpi(
        code="promoter_share",
        label=_("Answer 9 or 10"),
        definition=_(
            "Leavers who answer 9 or 10 to 'would you recommend us as an employer?', of those who answer it, "
            "over closed groups of at least five answers that are not all alike"
        ),
        version=1,
        counted=metrics.nps_counts_over,
        measure=PROMOTERS,
        says=_("Of ten leavers, %(share)s would recommend us warmly."),
        behind_the_wall=True,
    ),
    Kpi(
        code="recommend_share",
        label=_("Answer 7 or more"),
        definition=_(
            "Leavers who answer 7, 8, 9 or 10 to 'would you recommend us as an employer?', of those who answer "
            "it, over closed groups of at least five answers that are not all alike"
        ),
        version=1,
        counted=metrics.nps_counts_over,
        measure=NOT_DETRACTORS,
        says=_("Of ten leavers, %(share)s would recommend us or at least not advise against us."),
        behind_the_wall=True,
    ),
    Kpi(
        code="satisfaction",
        label=_("How satisfied leavers were"),
        definition=_(
            "Mean of the mean marks from 0 to 10 about each subject (work, pay, manager and the others), over closed "
            "groups of at least five answers that are not all alike"
        ),
        version=1,
        counted=metrics.satisfaction_over,
        measure=MEAN_OF_SUBJECTS,
        says=_("The mean of what leavers say about each subject, from 0 to 10."),
        behind_the_wall=True,
    ),
    Kpi(
        code="response_rate",
        label=_("Leavers who answer"),
        definition=_(
            "Leavers who submitted answers, of those who were invited by mail or on paper, or used the link, "
            "and whose last day lies in the period"
        ),
        version=1,
        counted=metrics.response_counts_over,
        measure=SHARE,
        says=_("Of ten who were invited, %(share)s told us what they think."),
    ),
    Kpi(
        code="capture_rate",
        label=_("Leavers who stay in touch"),
        definition=_(
            "Leavers with a confirmed private address and at least one consent, of the eligible leavers "
            "whose last day lies in the period, the audience's alone"
        ),
        version=2,
        counted=metrics.capture_counts_over,
        measure=SHARE,
        says=_("Of ten leavers, %(share)s gave a private address, confirmed it and agreed to hear from us."),
    ),
    Kpi(
        code="consent_rate",
        label=_("Relation screens with a yes"),
        definition=_("Relation screens submitted in the period with at least one consent, of those submitted"),
        version=1,
        counted=metrics.consent_counts_over,
        measure=SHARE,
        says=_("Of ten who were asked what we may do, %(share)s said yes to something."),
    ),
)
