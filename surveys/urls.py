"""Addresses of surveys inside the house."""

from django.urls import URLPattern

from surveys import survey_urls

app_name = "surveys"
urlpatterns: list[URLPattern] = [*survey_urls.urlpatterns]
