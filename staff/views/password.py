"""A new password for oneself."""

from django.contrib.auth.views import PasswordChangeView
from django.contrib.messages.views import SuccessMessageMixin
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


class PasswordChange(SuccessMessageMixin, PasswordChangeView):
    """Other sessions of the person end with the old password; this one goes on."""

    template_name = "staff/password.html"
    success_url = reverse_lazy("staff:settings")
    success_message = _("Your password is changed.")

    def form_invalid(self, form):  # type: ignore[no-untyped-def]
        return self.render_to_response(self.get_context_data(form=form), status=422)
