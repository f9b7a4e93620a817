"""Route of the set-up page."""

from django.urls import path

from perennial.desk.setup import views
from perennial.kernel.links import route
from perennial.kernel.tokens import LinkPurpose

urlpatterns = [path(route(LinkPurpose.SET_UP), views.set_up, name="set_up")]
