"""Quality audits, under /quality/."""

from django.urls import path

from audits.views import checklists, findings, holding, looking, paper, plan, trend

app_name = "audits"
urlpatterns = [
    path("", findings.findings, name="findings"),
    path("findings/<int:pk>/", findings.finding, name="finding"),
    path("findings/<int:pk>/<slug:step>/", findings.take_step, name="finding_step"),
    path("plan/", plan.plan, name="plan"),
    path("plan/propose/", plan.propose, name="propose"),
    path("plan/new/", plan.create, name="plan_create"),
    path("plan/adopt/<int:year>/", plan.adopt, name="adopt"),
    path("plan/<int:pk>/", plan.planned, name="planned"),
    path("plan/<int:pk>/drop/", plan.drop, name="plan_drop"),
    path("plan/<int:pk>/begin/", plan.begin, name="plan_begin"),
    path("audits/", holding.audits, name="audits"),
    path("audits/begin/", holding.begin, name="begin"),
    path("audits/<int:pk>/", holding.audit, name="audit"),
    path("audits/<int:pk>/items/", looking.checks, name="checks"),
    path("audits/<int:pk>/records/<int:sampled>/", looking.checks, name="record_checks"),
    path("audits/<int:pk>/evidence/", holding.attach, name="attach"),
    path("audits/<int:pk>/evidence/<int:file>/", holding.evidence, name="evidence"),
    path("audits/<int:pk>/findings/new/", findings.raise_finding, name="raise"),
    path("audits/<int:pk>/paper/", paper.report, name="paper"),
    path("audits/<int:pk>/paper/<slug:form>/", paper.give_out, name="paper_file"),
    path("audits/<int:pk>/<slug:step>/", holding.take_step, name="step"),
    path("checklists/", checklists.checklists, name="checklists"),
    path("checklists/<int:pk>/", checklists.checklist, name="checklist"),
    path("checklists/<slug:kind>/draft/", checklists.begin_draft, name="checklist_draft"),
    path("checklists/<int:pk>/items/new/", checklists.item, name="item_create"),
    path("checklists/<int:pk>/items/<int:line>/", checklists.item, name="item"),
    path("checklists/<int:pk>/items/<int:line>/move/", checklists.move, name="item_move"),
    path("checklists/<int:pk>/items/<int:line>/remove/", checklists.remove, name="item_remove"),
    path("checklists/<int:pk>/publish/", checklists.publish, name="checklist_publish"),
    path("terms/", checklists.terms, name="terms"),
    path("trend/", trend.trend, name="trend"),
]
