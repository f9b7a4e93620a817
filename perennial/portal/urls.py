"""Routes of the portal. The signed links stand in the kernel's table, since mails use it too."""

from django.urls import URLPattern, URLResolver, include, path

from perennial.kernel.links import route
from perennial.kernel.tokens import LinkPurpose
from perennial.portal.confirmation.views import confirmation, vouch
from perennial.portal.leaver.typed import typed
from perennial.portal.leaver.views import leaver
from perennial.portal.manager.views import manager
from perennial.portal.notice.views import notice
from perennial.portal.preferences.views import preferences
from perennial.portal.unsubscribe.views import unsubscribe

urlpatterns: list[URLPattern | URLResolver] = [
    path(route(LinkPurpose.LEAVER), leaver, name="leaver"),
    path(route(LinkPurpose.LEAVER_TYPED), typed, name="leaver_typed"),
    path(route(LinkPurpose.CONFIRM), confirmation, name="confirmation"),
    path(route(LinkPurpose.VOUCH), vouch, name="vouch"),
    path(route(LinkPurpose.PREFERENCES), preferences, name="preferences"),
    path(route(LinkPurpose.UNSUBSCRIBE), unsubscribe, name="unsubscribe"),
    path(route(LinkPurpose.MANAGER), manager, name="manager"),
    path("", include("perennial.portal.own.urls")),
    path("privacy/", notice, name="privacy_notice"),
]
