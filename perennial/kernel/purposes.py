"""What a person consents to, by which channel, and what a message means for the give-and-ask balance."""

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Purpose(TextChoices):
    """What a message is for. All but SERVICE need consent."""

    NEWSLETTER = "newsletter", _("News")
    EVENTS = "events", _("Gatherings")
    VACANCIES = "vacancies", _("Openings")
    PERSONAL = "personal", _("Personal notes")
    BUSINESS = "business", _("Business together")
    SURVEYS = "surveys", _("Questions to you")
    FEEDBACK = "feedback", _("What we changed")
    DIRECTORY = "directory", _("Being found by colleagues")
    SERVICE = "service", _("Service")


CONSENT_PURPOSES: tuple[Purpose, ...] = tuple(purpose for purpose in Purpose if purpose is not Purpose.SERVICE)


class Channel(TextChoices):
    EMAIL = "email", _("E-mail")
    PHONE = "phone", _("Phone")
    LINKEDIN = "linkedin", _("LinkedIn")
    POST = "post", _("Post")


# Within a sentence: 'agreed to news by e-mail'.
CHANNEL_WORDS: dict[Channel, str | Promise] = {
    Channel.EMAIL: pgettext_lazy("by this way", "e-mail"),
    Channel.PHONE: pgettext_lazy("by this way", "phone"),
    Channel.LINKEDIN: pgettext_lazy("by this way", "LinkedIn"),
    Channel.POST: pgettext_lazy("by this way", "post"),
}


class Frequency(TextChoices):
    """How often at most somebody wants to hear from us."""

    MONTHLY = "monthly", _("At most once a month")
    QUARTERLY = "quarterly", _("At most once a quarter")
    TWICE_A_YEAR = "twice_a_year", _("At most twice a year")
    ONLY_PERSONAL = "only_personal", _("Only personal notes")


# The shortest time between two messages that need consent.
DAYS_BETWEEN: dict[Frequency, int] = {
    Frequency.MONTHLY: 30,
    Frequency.QUARTERLY: 91,
    Frequency.TWICE_A_YEAR: 182,
    Frequency.ONLY_PERSONAL: 30,
}


class Intent(TextChoices):
    GIVE = "give", _("gives")
    ASK = "ask", _("asks")
    NEUTRAL = "neutral", _("neutral")
