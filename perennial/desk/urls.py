"""Routes of the desk, one include a page group."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("perennial.desk.audience.urls")),
    path("", include("perennial.desk.audit.urls")),
    path("", include("perennial.desk.departures.urls")),
    path("", include("perennial.desk.exit.urls")),
    path("", include("perennial.desk.figures.urls")),
    path("", include("perennial.desk.intake.urls")),
    path("", include("perennial.desk.letters.urls")),
    path("", include("perennial.desk.organisation.urls")),
    path("", include("perennial.desk.outbox.urls")),
    path("", include("perennial.desk.people.urls")),
    path("", include("perennial.desk.policy.urls")),
    path("", include("perennial.desk.programme.urls")),
    path("", include("perennial.desk.register.urls")),
    path("", include("perennial.desk.requests.urls")),
    path("", include("perennial.desk.setup.urls")),
    path("", include("perennial.desk.team.urls")),
    path("", include("perennial.desk.today.urls")),
]
