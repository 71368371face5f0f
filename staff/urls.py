"""Addresses of a person's own pages, and of the list of people."""

from django.urls import path

from staff.views import channels, deliveries, inbox, password, people, settings, tokens

app_name = "staff"
urlpatterns = [
    path("settings/", settings.settings, name="settings"),
    path("password/", password.PasswordChange.as_view(), name="password"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/read/", inbox.read, name="inbox_read"),
    path("channels/", channels.channels, name="channels"),
    path("channels/topics/", channels.topics, name="topics"),
    path("channels/groups/", channels.group_channels, name="group_channels"),
    path("channels/groups/<slug:group>/new/<slug:kind>/", channels.create, name="new_group_channel"),
    path("channels/new/<slug:kind>/", channels.create, name="new_channel"),
    path("channels/<int:pk>/", channels.edit, name="channel"),
    path("channels/<int:pk>/test/", channels.test, name="test_channel"),
    path("channels/<int:pk>/remove/", channels.remove, name="remove_channel"),
    path("deliveries/", deliveries.deliveries, name="deliveries"),
    path("deliveries/<int:pk>/resend/", deliveries.resend, name="resend"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<int:pk>/revoke/", tokens.revoke, name="token_revoke"),
    path("people/", people.people, name="people"),
]
