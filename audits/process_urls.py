"""Addresses of the process register."""

from django.urls import URLPattern, path, re_path

from audits.views import drafting, process, suggestions

CLAUSE = r"[1-9][0-9]{0,2}(?:\.[0-9]{1,3}){0,5}"

app_name = "process"
urlpatterns: list[URLPattern] = [
    path("", process.current, name="current"),
    re_path(rf"^clause/(?P<number>{CLAUSE})/$", process.clause, name="clause"),
    path("versions/", process.versions, name="versions"),
    path("versions/<int:number>/", process.version, name="version"),
    path("versions/<int:number>/changes/", process.diff, name="diff"),
    path("versions/<int:number>/readings/", process.readings, name="readings"),
    path("versions/<int:number>/read/", process.confirm, name="confirm"),
    re_path(
        rf"^versions/(?P<number>[0-9]{{1,8}})/clause/(?P<clause>{CLAUSE})/$",
        process.clause_of,
        name="clause_of",
    ),
    path("draft/", drafting.draft, name="draft"),
    path("draft/begin/", drafting.begin, name="begin"),
    path("draft/publish/", drafting.publish, name="publish"),
    path("draft/clauses/new/", drafting.edit, name="clause_new"),
    path("draft/clauses/<int:line>/", drafting.edit, name="clause_edit"),
    path("draft/clauses/<int:line>/remove/", drafting.remove, name="clause_remove"),
    path("suggestions/", suggestions.suggestions, name="suggestions"),
    path("suggestions/terms/", suggestions.terms, name="terms"),
    path("suggestions/<int:pk>/", suggestions.suggestion, name="suggestion"),
    path("suggestions/<int:pk>/<slug:step>/", suggestions.take_step, name="suggestion_step"),
]
