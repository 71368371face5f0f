"""The path of a change in the browser: refused with all that is missing, begun when all of it is there."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from opsdesk.testing import Cast
from opsdesk.tests.browser.conftest import Open
from staff.tests.hostile import PDF
from tickets.models import Change
from tickets.tests.works import HOUR

pytestmark = [pytest.mark.browser]


def local(at):  # type: ignore[no-untyped-def]
    return f"{timezone.localtime(at):%Y-%m-%dT%H:%M}"


def test_a_change_from_its_plan_to_its_begin(visit: Open, cast: Cast) -> None:
    now = timezone.now()
    li = visit(cast.li, reverse("changes:create") + f"?client={cast.hospital.pk}")
    li.get_by_label("Work type").select_option(label="Optimisation")
    li.get_by_label("What is changed").fill("调整内存参数")
    li.get_by_label("Steps of the plan").fill("1. 停\n2. 改\n3. 启")
    li.get_by_role("button", name="Plan a change").click()
    expect(li.get_by_text("Before it can begin:")).to_be_visible()
    change = Change.objects.get()

    def step(page, name: str, **typed: str):  # type: ignore[no-untyped-def]
        page.goto(reverse("changes:change", args=[change.pk]))
        form = page.locator(f"#step-{name}")
        if form.get_attribute("open") is None:
            form.locator("summary").click()
        for field, value in typed.items():
            form.locator(f"[name={name}-{field}]").fill(value)
        form.locator("button[type=submit]").click()

    step(li, "submit")
    expect(li.get_by_role("alert")).to_contain_text("The rollback plan is missing.")
    step(li, "plan", rollback="恢复备份,10 分钟")
    step(li, "submit")
    wang = visit(cast.wang, reverse("changes:list"))
    wang.get_by_role("link", name=change.number).click()
    step(wang, "approve", note="同意")
    step(li, "schedule", window_from=local(now - HOUR), window_to=local(now + 3 * HOUR))
    step(li, "start", overrule="")
    missing = li.get_by_role("alert")
    expect(missing).to_contain_text("Optimisation plan")
    expect(missing).to_contain_text("Rollback plan")
    for name in ("Optimisation plan", "Rollback plan"):
        li.goto(reverse("changes:change", args=[change.pk]))
        form = li.locator("#step-file")
        form.locator("summary").click()
        options = form.locator("option").filter(has_text=name)
        form.locator("[name=file-paper]").select_option(value=options.first.get_attribute("value"))
        form.locator("[name=file-file]").set_input_files(
            {"name": "方案.pdf", "mimeType": "application/pdf", "buffer": PDF}
        )
        form.locator("button[type=submit]").click()
    step(li, "start", overrule="")
    expect(li.get_by_text("Work has begun").first).to_be_visible()
    change.refresh_from_db()
    assert (change.state, change.overruled) == ("started", "")
    li.goto(reverse("changes:calendar"))
    expect(li.get_by_role("link", name=change.number)).to_be_visible()
