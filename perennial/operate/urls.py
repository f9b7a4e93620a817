"""All routes of an installation."""

from django.urls import include, path

from perennial.operate.health import health

# What is asked too often, also by allauth.
handler429 = "perennial.web.pace.too_often"

urlpatterns = [
    path("health/", health),
    path("", include("perennial.portal.urls")),
    path("account/", include("perennial.web.account_urls")),
    path("", include("perennial.desk.urls")),
]
