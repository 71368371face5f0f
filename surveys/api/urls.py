"""The addresses of surveys under /api/v1/surveys/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from surveys.api.invitations import InvitationViewSet
from surveys.api.reading import AnswersView, CampaignViewSet, QuestionnaireViewSet

router = SimpleRouter()
router.register("questionnaires", QuestionnaireViewSet, basename="questionnaire")
router.register("campaigns", CampaignViewSet, basename="campaign")
router.register("invitations", InvitationViewSet, basename="invitation")

urlpatterns = [
    path("", include(router.urls)),
    path("answers/", AnswersView.as_view(), name="answers"),
]
