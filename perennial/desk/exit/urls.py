"""Routes of the exit figures, and of the answers behind the wall."""

from django.urls import path

from perennial.desk.exit import editor, ending, figures, telling, themes, wall

urlpatterns = [
    path("exit/", figures.show_exit_figures, name="exit-figures"),
    path("exit/export/", figures.export_exit_figures, name="exit-export"),
    path("exit/questions/<str:code>/", figures.take_apart, name="exit-apart"),
    path("exit/comments/<str:code>/", figures.show_comments, name="exit-comments"),
    path("exit/answers/", wall.answered, name="exit-answered"),
    path("exit/answers/<str:key>/", wall.answers, name="exit-answers"),
    path("exit/answers/<str:key>/texts/<int:answer_id>/", wall.review, name="exit-review"),
    path("exit/answers/<str:key>/themes/", wall.set_themes, name="exit-themes-of"),
    path("exit/themes/", themes.show_themes, name="exit-themes"),
    path("exit/themes/names/", wall.rename_theme, name="exit-theme-names"),
    path("exit/themes/plan/", themes.plan_action, name="exit-themes-plan"),
    path("exit/themes/actions/<int:action_id>/", themes.mark_done, name="exit-theme-action"),
    path("exit/told/begin/", telling.begin, name="telling-begin"),
    path("exit/told/<str:key>/", telling.edit, name="telling"),
    path("exit/told/<str:key>/preview/", telling.preview, name="telling-preview"),
    path("exit/told/<str:key>/test/", telling.send_to_me, name="telling-test"),
    path("exit/told/<str:key>/send/", telling.send, name="telling-send"),
    path("exit/told/<str:key>/take-back/", telling.take_back, name="telling-take-back"),
    path("exit/told/<str:key>/discard/", telling.discard, name="telling-discard"),
    path("exit/questionnaire/", editor.questionnaire, name="questionnaire"),
    path("exit/questionnaire/preview/", editor.preview, name="questionnaire-preview"),
    path("exit/questionnaire/begin/", editor.begin, name="questionnaire-begin"),
    path("exit/questionnaire/discard/", editor.discard, name="questionnaire-discard"),
    path("exit/questionnaire/publish/", editor.publish, name="questionnaire-publish"),
    path("exit/questionnaire/new/", editor.add_question, name="question-new"),
    path("exit/questionnaire/questions/<str:code>/", editor.change_question, name="question"),
    path("exit/questionnaire/questions/<str:code>/move/", editor.move_question, name="question-move"),
    path("exit/questionnaire/questions/<str:code>/remove/", editor.remove_question, name="question-remove"),
    path("departures/<str:key>/ending/", ending.keep_ending, name="departure-ending"),
]
