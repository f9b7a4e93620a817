"""Routes of the leadership page."""

from django.urls import path

from perennial.desk.figures.views import show_figures

urlpatterns = [path("figures/", show_figures, name="figures")]
