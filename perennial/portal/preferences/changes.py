"""What a visit changed, in short sentences for whoever made it."""

from collections.abc import Iterable, Sequence

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from perennial.departures.choices import Choices
from perennial.kernel.purposes import CHANNEL_WORDS, Channel, Frequency, Purpose
from perennial.portal.leaver.forms import LANGUAGE_NAMES
from perennial.programme.models import Topic


def what_changed(before: Choices, after: Choices, topics: Sequence[Topic]) -> list[str]:
    """A sentence for each kind of change; none where all is as it was."""
    agreed = {purpose for purpose, _channel in after.agreed}
    was_agreed = {purpose for purpose, _channel in before.agreed}
    told = [
        (_("Ended: %(what)s."), _purposes(was_agreed - after.purposes)),
        (_("Agreed to: %(what)s."), _purposes(agreed - was_agreed)),
        (_("Waits for your button in the mail: %(what)s."), _purposes(after.purposes - agreed - before.purposes)),
        (_("Does not wait any more: %(what)s."), _purposes(before.purposes - was_agreed - after.purposes)),
        (_("Not by this way any more: %(what)s."), _ways(before.channels - after.channels, after)),
        (_("Not about: %(what)s."), _about(set(after.unwanted) - set(before.unwanted), topics)),
        (_("About again: %(what)s."), _about(set(before.unwanted) - set(after.unwanted), topics)),
    ]
    sentences = [sentence % {"what": ", ".join(names)} for sentence, names in told if names]
    if after.frequency != before.frequency:
        sentences.append(_("How often: %(what)s.") % {"what": Frequency(after.frequency).label})
    if after.language != before.language:
        sentences.append(_("Language: %(what)s.") % {"what": LANGUAGE_NAMES.get(after.language, after.language)})
    if after.pause != before.pause:
        sentences.append(
            _("Nothing before %(day)s.") % {"day": date_format(after.pause, "DATE_FORMAT")}
            if after.pause
            else _("The pause is over.")
        )
    return sentences


def _purposes(codes: Iterable[str]) -> list[str]:
    kept = set(codes)
    return [str(purpose.label) for purpose in Purpose if purpose.value in kept]


def _ways(codes: Iterable[str], after: Choices) -> list[str]:
    """Where nothing is left at all, that it ended says enough."""
    kept = set(codes) if after.purposes else set()
    return [str(CHANNEL_WORDS[channel]) for channel in Channel if channel.value in kept]


def _about(ids: set[int], topics: Sequence[Topic]) -> list[str]:
    return [str(topic) for topic in topics if topic.pk in ids]
