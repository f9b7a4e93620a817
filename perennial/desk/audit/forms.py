"""What is looked for in the audit trail."""

from django import forms
from django.utils.translation import gettext_lazy as _

from perennial.accounts.queries import colleagues
from perennial.desk.audit.words import DEEDS, KINDS
from perennial.web.fields import DayField, DayInput


class AuditFilter(forms.Form):
    """All optional; whom it is about by name or key, since who was erased is known by the key alone."""

    person = forms.CharField(label=_("About whom"), required=False, max_length=300)
    by = forms.ChoiceField(label=_("By whom"), required=False)
    what = forms.ChoiceField(label=_("What"), required=False)
    since = DayField(label=_("From"), required=False, widget=DayInput())
    until = DayField(label=_("Until"), required=False, widget=DayInput())

    def __init__(self, *given: object, **named: object) -> None:
        super().__init__(*given, **named)  # type: ignore[arg-type]
        people = [(f"user:{user.pk}", user.name) for user in colleagues()]
        by, what = self.fields["by"], self.fields["what"]
        assert isinstance(by, forms.ChoiceField)
        assert isinstance(what, forms.ChoiceField)
        by.choices = [("", _("anybody")), *people, ("system", _("Perennial itself"))]
        what.choices = [
            ("", _("everything")),
            *((kind, words) for kind, (words, _deeds) in KINDS.items()),
            (_("One thing"), list(DEEDS.items())),
        ]

    def deeds(self) -> tuple[str, ...]:
        """The deeds that are meant; none means all."""
        what: str = self.cleaned_data["what"]
        return KINDS[what][1] if what in KINDS else (what,) if what else ()
