"""Bearer tokens of the REST interface: one's own, shown once, revocable."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from staff.actions import issue_token, revoke_token
from staff.forms import TokenForm
from staff.models import ApiToken


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """List one's tokens. A POST issues one and answers with it at once: the secret is stored nowhere."""
    now = timezone.now()
    form, secret = TokenForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        _token, secret = issue_token(
            request.user, chosen["name"], days=chosen["days"], may_write=chosen["may_write"], now=now
        )
        form = TokenForm()
    context = {
        "form": form,
        "secret": secret,
        "valid": ApiToken.objects.visible_to(request.user).valid(now),
        "now": now,
    }
    return render(request, "staff/tokens.html", context, status=422 if form.errors else 200)


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken.objects.visible_to(request.user), pk=pk)
    revoke_token(token, now=timezone.now())
    messages.success(request, _("The token “%(name)s” works no more.") % {"name": token.name})
    return redirect("staff:tokens")
