"""Assessments and their schemes, under the figures: /assessment/."""

from django.urls import path

from reports.assessment.views import evidence, mine, one, schemes, table

urlpatterns = [
    path("", mine.mine, name="assessments"),
    path("table/", table.table, name="assessment_table"),
    path("table/draft/", table.draft, name="assessment_draft"),
    path("table/show/", table.show, name="assessment_show_all"),
    path("table/export/", table.export, name="assessment_export"),
    path("<int:pk>/", one.one, name="assessment"),
    path("<int:pk>/items/new/", one.add_item, name="assessment_item"),
    path("<int:pk>/items/<int:item>/out/", one.take_out, name="assessment_take_out"),
    path("<int:pk>/evidence/<int:file>/", evidence.evidence, name="assessment_evidence"),
    path("<int:pk>/<slug:step>/", one.take_step, name="assessment_step"),
    path("schemes/", schemes.schemes, name="schemes"),
    path("schemes/begin/", schemes.begin, name="scheme_begin"),
    path("schemes/<int:number>/", schemes.scheme, name="scheme"),
    path("schemes/<int:number>/edit/", schemes.edit, name="scheme_edit"),
    path("schemes/<int:number>/drop/", schemes.drop, name="scheme_drop"),
    path("schemes/<int:number>/adopt/", schemes.adopt, name="scheme_adopt"),
    path("schemes/<int:number>/simulation/", schemes.simulation, name="scheme_simulation"),
]
