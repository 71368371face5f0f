"""A suggestion becomes a version of the process that a reader confirms (§1.1)."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from audits.actions.clauses import load_defaults
from audits.models import ProcessVersion, Reading, Suggestion
from opsdesk.testing import Cast
from opsdesk.tests.browser.conftest import Open, in_language

pytestmark = pytest.mark.browser


def test_from_a_suggestion_to_a_version_that_is_read(visit: Open, cast: Cast) -> None:
    load_defaults(now=timezone.now())
    say = lambda words: in_language("zh-hans", words)  # noqa: E731
    li = visit(cast.li, reverse("tickets:coordination"), language="zh-hans")
    li.locator(".page-lead a.clause-link").click()
    expect(li.locator("h1")).to_contain_text("§5.4.1.2")
    li.locator("[name=text]").fill("协调会可否用语音会议?")
    li.get_by_role("button", name=say("File the suggestion")).click()
    expect(li.locator("h1")).to_contain_text("PS-")
    one = Suggestion.objects.get()

    zhou = visit(cast.zhou, reverse("process:suggestion", args=[one.pk]), language="zh-hans")
    zhou.locator("#step-adopt summary").click()
    zhou.locator("[name=adopt-answer]").fill("可以,写进下一版。")
    zhou.locator("#step-adopt button[type=submit]").click()
    expect(zhou.get_by_text("可以,写进下一版。").first).to_be_visible()
    draft = ProcessVersion.objects.get(number=2)
    line = draft.clauses.get(number="5.4.1.2").line
    zhou.goto(reverse("process:clause_edit", args=[line]))
    text = zhou.locator("[name=text]")
    text.fill(text.input_value() + "协调会可用语音会议。")
    zhou.get_by_role("button", name=say("Save")).click()
    expect(zhou).to_have_url(re.compile(r"/process/draft/$"))
    zhou.locator("[name=note]").fill("协调会可用语音会议")
    zhou.get_by_role("button", name=say("Publish"), exact=True).click()
    expect(zhou.locator("h1")).to_contain_text("2")

    li.goto(reverse("process:diff", args=[2]))
    expect(li.locator("ins")).to_contain_text("协调会可用语音会议。")
    expect(li.get_by_text(one.number)).to_be_visible()
    li.goto(reverse("process:current"))
    li.get_by_role("button", name=say("I have read this version")).click()
    expect(li.get_by_text(say("You have confirmed reading it."))).to_be_visible()
    assert Reading.objects.get().person == cast.li
