"""Addresses of questionnaires, campaigns, invitations and tasks; part of those of surveys."""

from django.urls import URLPattern, path, re_path

from surveys.views import asking, campaigns, invitations, keying, questionnaires

ONE = "questionnaires/<int:pk>/"
urlpatterns: list[URLPattern] = [
    path("", campaigns.campaigns, name="campaigns"),
    path("campaigns/new/", campaigns.create, name="campaign_create"),
    path("campaigns/<int:pk>/", campaigns.campaign, name="campaign"),
    path("campaigns/<int:pk>/edit/", campaigns.edit, name="campaign_edit"),
    path("campaigns/<int:pk>/start/", campaigns.start, name="campaign_start"),
    path("campaigns/<int:pk>/close/", campaigns.close, name="campaign_close"),
    path("campaigns/<int:pk>/left-out/", campaigns.exclusions, name="exclusions"),
    path("left-out/<int:pk>/approve/", campaigns.approve, name="exclusion_approve"),
    path("questionnaires/", questionnaires.questionnaires, name="questionnaires"),
    path("questionnaires/new/", questionnaires.create, name="questionnaire_create"),
    path(ONE, questionnaires.questionnaire, name="questionnaire"),
    path(f"{ONE}names/", questionnaires.names, name="questionnaire_names"),
    path(f"{ONE}edit/", questionnaires.edit, name="questionnaire_edit"),
    path(f"{ONE}begin/", questionnaires.begin, name="questionnaire_begin"),
    path(f"{ONE}words/", questionnaires.words, name="questionnaire_words"),
    path(f"{ONE}publish/", questionnaires.publish, name="questionnaire_publish"),
    path(f"{ONE}retire/", questionnaires.retire, name="questionnaire_retire"),
    path(f"{ONE}versions/<int:number>/", questionnaires.preview, name="preview"),
    path(f"{ONE}questions/new/", questionnaires.create_question, name="question_create"),
    path(f"{ONE}questions/<int:line>/", questionnaires.edit_question, name="question_edit"),
    path(f"{ONE}questions/<int:line>/remove/", questionnaires.remove_question, name="question_remove"),
    path(f"{ONE}questions/<int:line>/move/", questionnaires.move_question, name="question_move"),
    path("invitations/", invitations.invitations, name="invitations"),
    path("invitations/<int:pk>/", invitations.invitation, name="invitation"),
    path("invitations/<int:pk>/key/", keying.key, name="key"),
    path("invitations/<int:pk>/again/", keying.key_again, name="key_again"),
    path("invitations/<int:pk>/settle/", keying.settle, name="settle"),
    path("invitations/<int:pk>/paper/", asking.paper, name="paper"),
    path("invitations/<int:pk>/files/<int:file>/", invitations.file, name="sheet_file"),
    re_path(
        r"^invitations/(?P<pk>[0-9]{1,18})/(?P<what>withdraw|returned|no-more|discard)/$",
        invitations.step,
        name="invitation_step",
    ),
    path("key/", keying.by_number, name="by_number"),
    path("tasks/", asking.tasks, name="tasks"),
    path("tasks/papers/", asking.papers, name="papers"),
    re_path(
        r"^tasks/(?P<pk>[0-9]{1,18})/(?P<what>not-reached|refused|posted)/$",
        asking.task_step,
        name="task_step",
    ),
]
