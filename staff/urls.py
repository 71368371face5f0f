"""Addresses of a person's own pages, and of the list of people."""

from django.urls import path

from staff.views import inbox, password, people, settings, tokens

app_name = "staff"
urlpatterns = [
    path("settings/", settings.settings, name="settings"),
    path("password/", password.PasswordChange.as_view(), name="password"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/read/", inbox.read, name="inbox_read"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<int:pk>/revoke/", tokens.revoke, name="token_revoke"),
    path("people/", people.people, name="people"),
]
