"""Routes of the audit trail."""

from django.urls import path

from perennial.desk.audit import views

urlpatterns = [
    path("audit/", views.search, name="audit"),
    path("audit/export/", views.export, name="audit-export"),
]
