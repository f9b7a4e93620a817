"""Routes of the Import pages."""

from django.urls import path

from perennial.desk.intake import views

urlpatterns = [
    path("import/", views.imports, name="import"),
    path("import/source/", views.source, name="import_source"),
    path("import/source/forget/", views.forget, name="import_source_forget"),
    path("import/upload/", views.upload, name="import_upload"),
    path("import/template/<str:name>", views.template_file, name="import_template"),
    path("import/<str:key>/", views.import_run, name="import_run"),
    path("import/<str:key>/progress/", views.progress, name="import_progress"),
    path("import/<str:key>/file/", views.read_differently, name="import_file"),
    path("import/<str:key>/columns/", views.choose_columns, name="import_columns"),
    path("import/<str:key>/values/", views.choose_values, name="import_values"),
    path("import/<str:key>/apply/", views.apply, name="import_apply"),
    path("import/<str:key>/cancel/", views.cancel, name="import_cancel"),
    path("import/<str:key>/resume/", views.resume, name="import_resume"),
    path("import/<str:key>/undo/", views.undo, name="import_undo"),
    path("import/<str:key>/rejected/", views.rejected_file, name="import_rejected"),
]
