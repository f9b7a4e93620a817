"""The screen that asks whether flowers may be sent on the first day elsewhere, where the checklist has them."""

from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from perennial.departures.farewell.actions import FarewellOverError
from perennial.departures.farewell.flowers import (
    ADDRESS_LENGTH,
    FirstDayError,
    agree_to_flowers,
    rather_no_flowers,
)
from perennial.departures.farewell.queries import farewell_of
from perennial.departures.models import Departure, RelationAnswer
from perennial.portal.doors import UNPROCESSABLE, address_with_language, kind_page
from perennial.portal.leaver.forms import YesField
from perennial.web.fields import DayField

STEP = "flowers"


class FlowersForm(forms.Form):
    """Day, address and the tick that agrees. Without all three nothing is kept."""

    first_day = DayField(
        label=gettext_lazy("Your first day at your new work"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%Y"],
        error_messages={
            "required": gettext_lazy("Without the day we cannot send them. Name it, or skip this."),
            "invalid": gettext_lazy("We could not read this day. Write it like 2027-01-31."),
        },
    )
    address = forms.CharField(
        label=gettext_lazy("Where shall they go?"),
        max_length=ADDRESS_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "street-address"}),
        help_text=gettext_lazy("Your home or your new workplace, as you like."),
        error_messages={
            "required": gettext_lazy("Without an address we cannot send them. Write one, or skip this."),
            "max_length": gettext_lazy(
                "This is longer than we can keep: %(limit_value)d characters fit, yours has %(show_value)d."
            ),
        },
    )
    agree = YesField(
        label=gettext_lazy("Yes, you may use the day and the address to send me flowers, once."),
        error_messages={"required": gettext_lazy("Tick this too, or skip the screen: without it we keep nothing.")},
    )

    def clean_agree(self) -> bool:
        # A box that is not ticked is no for a field; here only a yes will do.
        if not self.cleaned_data["agree"]:
            raise forms.ValidationError(self.fields["agree"].error_messages["required"], code="required")
        return True


def flowers(
    request: HttpRequest, departure: Departure, now: datetime, *, number: int, total: int, previous: str
) -> HttpResponse:
    """Shows the question, or takes the answer. It is screen `number` of `total`, and `previous` led here."""
    place = {"number": number, "total": total, "previous": previous}
    if request.method != "POST":
        return _show(request, departure, FlowersForm(), place)
    by = f"person:{departure.person.key}"
    if "skip" in request.POST:
        return _onward(request, departure)
    if "rather-not" in request.POST:
        rather_no_flowers(departure=departure, by=by, now=now)
        messages.info(request, _("No flowers then. We have forgotten the day and the address."))
        return _onward(request, departure)
    form = FlowersForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            agree_to_flowers(
                departure=departure, first_day_on=said["first_day"], address=said["address"], by=by, now=now
            )
        except FirstDayError:
            form.add_error("first_day", _("This day has come already, or it is more than a year ahead."))
        except FarewellOverError:
            return _onward(request, departure)
        else:
            return _onward(request, departure)
    return _show(request, departure, form, place, status=UNPROCESSABLE)


def _onward(request: HttpRequest, departure: Departure) -> HttpResponse:
    """To the relation, or back to the thanks for whoever has said that already."""
    said = RelationAnswer.objects.filter(departure=departure).exists()
    return HttpResponseRedirect(address_with_language(request, step="thanks" if said else "relation"))


def _show(
    request: HttpRequest, departure: Departure, form: FlowersForm, place: dict[str, object], *, status: int = 200
) -> HttpResponse:
    farewell = farewell_of(departure=departure)
    return kind_page(
        request,
        "portal/leaver/flowers.html",
        status=status,
        form=form,
        step=STEP,
        agreed=farewell is not None and farewell.flowers_agreed_at is not None,
        action=address_with_language(request),
        **place,
    )
