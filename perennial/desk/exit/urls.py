"""Routes of the exit figures, and of the answers behind the wall."""

from django.urls import path

from perennial.desk.exit import ending, figures, wall

urlpatterns = [
    path("exit/", figures.show_exit_figures, name="exit-figures"),
    path("exit/export/", figures.export_exit_figures, name="exit-export"),
    path("exit/questions/<str:code>/", figures.take_apart, name="exit-apart"),
    path("exit/comments/<str:code>/", figures.show_comments, name="exit-comments"),
    path("exit/answers/", wall.answered, name="exit-answered"),
    path("exit/answers/<str:key>/", wall.answers, name="exit-answers"),
    path("exit/answers/<str:key>/texts/<int:answer_id>/", wall.review, name="exit-review"),
    path("departures/<str:key>/ending/", ending.keep_ending, name="departure-ending"),
]
