"""Routes of the Programme page."""

from django.urls import path

from perennial.desk.programme import topics, views

urlpatterns = [
    path("programme/", views.programme, name="programme"),
    path("programme/stage/", views.change_stage, name="programme_stage"),
    path("programme/owner/", views.name_owner, name="programme_owner"),
    path("programme/test-mail/", views.test_mail, name="programme_test_mail"),
    path("programme/topics/", topics.list_topics, name="topics"),
    path("programme/topics/new/", topics.new_topic, name="topic-new"),
    path("programme/topics/<int:pk>/", topics.show_topic, name="topic"),
    path("programme/topics/<int:pk>/move/", topics.move, name="topic-move"),
    path("programme/topics/<int:pk>/retire/", topics.retire, name="topic-retire"),
    path("programme/topics/<int:pk>/restore/", topics.restore, name="topic-restore"),
]
