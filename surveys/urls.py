"""Addresses of surveys inside the house."""

from django.urls import URLPattern

from surveys import corrective_urls

app_name = "surveys"
urlpatterns: list[URLPattern] = [*corrective_urls.urlpatterns]
