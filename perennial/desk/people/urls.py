"""Routes of people."""

from django.urls import path

from perennial.desk.people.views import companies, contact, corrections, directory, elsewhere, person, rights, together

urlpatterns = [
    path("people/companies/", companies.list_companies, name="companies"),
    path("people/companies/<str:key>/", companies.show_company, name="company"),
    path("people/companies/<str:key>/join/", companies.join_company, name="company-join"),
    path("people/companies/<str:key>/remove/", companies.take_company_off, name="company-remove"),
    path("people/", directory.list_people, name="people"),
    path("people/export/", directory.export_people, name="people-export"),
    path("people/test-group/", together.join_test_group, name="people-test-group"),
    path("people/exclude/", together.exclude_ticked, name="people-exclude"),
    path("people/together/<str:kind>/<int:stamp>/back/", together.take_back, name="people-take-back"),
    path("people/new/", corrections.new_person, name="person-new"),
    path("people/<str:key>/", person.show_person, name="person"),
    path("people/<str:key>/why/", person.explain_person, name="person-why"),
    path("people/<str:key>/contact/", contact.note_contact, name="contact-note"),
    path("people/<str:key>/correct/", corrections.edit_person, name="person-edit"),
    path("people/<str:key>/stints/new/", corrections.new_stint, name="stint-new"),
    path("people/<str:key>/stints/<int:stint_id>/", corrections.edit_stint, name="stint-edit"),
    path("people/<str:key>/addresses/new/", corrections.new_address, name="address-new"),
    path("people/<str:key>/addresses/<int:address_id>/remove/", corrections.take_address_off, name="address-remove"),
    path("people/<str:key>/addresses/<int:address_id>/vouch/", corrections.vouch_for_address, name="address-vouch"),
    path("people/<str:key>/positions/new/", elsewhere.new_position, name="position-new"),
    path("people/<str:key>/positions/<int:position_id>/", elsewhere.edit_position, name="position-edit"),
    path("people/<str:key>/positions/<int:position_id>/remove/", elsewhere.take_position_off, name="position-remove"),
    path("people/<str:key>/skills/", elsewhere.edit_skills, name="skills-edit"),
    path("people/<str:key>/proofs/file/", rights.prove_consents, name="person-prove"),
    path("people/<str:key>/proofs/<int:evidence_id>/document/", rights.print_document, name="person-document"),
    path("people/<str:key>/proofs/", person.show_proofs, name="person-proofs"),
    path("people/<str:key>/restrictions/new/", corrections.new_restriction, name="restriction-new"),
    path(
        "people/<str:key>/restrictions/<int:restriction_id>/lift/",
        corrections.lift_restriction,
        name="restriction-lift",
    ),
    path("people/<str:key>/copy/", rights.copy_person, name="person-copy"),
    path("people/erased/<str:key>/", rights.show_leftovers, name="person-erased"),
    path("people/<str:key>/erase/", person.erase_person, name="person-erase"),
]
