"""Routes of the organisation: departments, places, chapters."""

from django.urls import path

from perennial.desk.organisation.views import chapters, units

urlpatterns = [
    path("organisation/", units.list_departments, name="organisation"),
    path("organisation/departments/new/", units.new_department, name="department-new"),
    path("organisation/departments/<int:pk>/", units.show_department, name="department"),
    path("organisation/departments/<int:pk>/move/", units.move, name="department-move"),
    path("organisation/departments/<int:pk>/merge/", units.merge_department, name="department-merge"),
    path("organisation/departments/<int:pk>/names/<int:alias_id>/", units.free_department_name, name="department-name"),
    path("organisation/places/", units.list_places, name="places"),
    path("organisation/places/new/", units.new_place, name="place-new"),
    path("organisation/places/<int:pk>/", units.show_place, name="place"),
    path("organisation/places/<int:pk>/locate/", units.locate, name="place-locate"),
    path("organisation/places/<int:pk>/merge/", units.merge_place, name="place-merge"),
    path("organisation/places/<int:pk>/names/<int:alias_id>/", units.free_place_name, name="place-name"),
    path("organisation/chapters/", chapters.list_chapters, name="chapters"),
    path("organisation/chapters/new/", chapters.new_chapter, name="chapter-new"),
    path("organisation/chapters/<int:pk>/", chapters.show_chapter, name="chapter"),
    path("organisation/chapters/<int:pk>/end/", chapters.end, name="chapter-end"),
    path("organisation/chapters/<int:pk>/resume/", chapters.resume, name="chapter-resume"),
]
