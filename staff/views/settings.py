"""A person's own settings, and the language switch that strangers have too."""

from django.conf import settings as django_settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from staff.actions import save_settings
from staff.forms import SettingsForm
from staff.models import User

A_YEAR = 365 * 24 * 3600


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    # A copy: a ModelForm writes what was typed into its instance, and the frame shows the person as he is.
    person = User.objects.get(pk=request.user.pk)
    form = SettingsForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        save_settings(request.user, **form.cleaned_data)
        response = redirect("staff:settings")
        if language := request.user.language:
            translation.activate(language)
            _remember(response, language)
        else:
            response.delete_cookie(django_settings.LANGUAGE_COOKIE_NAME)
        messages.success(request, _("Your settings are saved."))
        return response
    return render(request, "staff/settings.html", {"form": form}, status=422 if form.errors else 200)


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Speak another language from now on: in this browser, and for a person who is signed in everywhere."""
    language = request.POST.get("language", "")
    if language not in dict(django_settings.LANGUAGES):
        return HttpResponseBadRequest(_("This language is not spoken here."))
    if request.user.is_authenticated:
        save_settings(request.user, language=language)
    response = redirect(_safe_next(request))
    _remember(response, language)
    return response


def _safe_next(request: HttpRequest) -> str:
    url = request.POST.get("next", "")
    here = {request.get_host()}
    if url and url_has_allowed_host_and_scheme(url, allowed_hosts=here, require_https=request.is_secure()):
        return url
    return reverse("home")


def _remember(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        django_settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=A_YEAR,
        secure=django_settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
