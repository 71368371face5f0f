"""Every way that a change can go, walked: none begins or ends without what it needs (tail §7.2).

The rules alone are walked, as the actions apply them: there are few enough states to walk them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import pytest

from tickets.changes import (
    NEEDED_TO_START,
    STEPS,
    ChangeState,
    Facts,
    Missing,
    Paper,
    Standing,
    Step,
    WorkStep,
)

S = ChangeState


@dataclass(frozen=True)
class World:
    """A change as the walk knows it. `began_with` and `closed_with` are the facts at that moment."""

    state: ChangeState
    facts: Facts
    began_with: Facts | None = None
    closed_with: Facts | None = None


def moves(world: World, superior: bool) -> Iterator[World]:
    """What one person, who is no planner, may make of it in one step; the planner's own come with it."""
    facts = world.facts
    for step in Step:
        planner = step in (Step.PLAN, Step.SUBMIT)
        standing = Standing(world.state, True, planner, superior)
        if standing.refusal(step) or facts.missing_to(step):
            continue
        yield from after(step, world)
    if world.state == S.REVIEWED and not facts.missing_to_close():
        yield replace(world, state=S.CLOSED, closed_with=facts)
    if world.state == S.CLOSED:
        yield replace(world, state=S.DONE, facts=replace(facts, is_reviewed=False), closed_with=None)
    # A file that is withdrawn is missing from then on.
    for number, paper in enumerate(facts.papers):
        if paper.is_settled and world.state != S.CLOSED:
            yield replace(world, facts=with_paper(facts, number, is_settled=False))


def after(step: Step, world: World) -> Iterator[World]:
    facts = world.facts
    match step:
        case Step.PLAN:
            for plan, rollback in product(("", "p"), ("", "r")):
                void = replace(facts, is_approved=False, is_client_asked=False, has_window=False)
                yield World(S.DRAFT, replace(void, plan=plan, rollback=rollback))
        case Step.APPROVE:
            yield replace(world, state=S.APPROVED, facts=replace(facts, is_approved=True))
        case Step.CLIENT:
            yield replace(world, facts=replace(facts, is_client_asked=True))
        case Step.SCHEDULE:
            yield replace(world, state=S.SCHEDULED, facts=replace(facts, has_window=True))
        case Step.START:
            yield replace(world, state=S.STARTED, began_with=facts)
        case Step.FINISH:
            yield replace(world, state=S.DONE, facts=replace(facts, has_result=True))
        case Step.REVIEW:
            yield replace(world, state=S.REVIEWED, facts=replace(facts, is_reviewed=True))
        case Step.FILE | Step.WAIVE:
            for number in range(len(facts.papers)):
                yield replace(world, facts=with_paper(facts, number, is_settled=True))
        case Step.SUBMIT:
            yield replace(world, state=S.SUBMITTED)
        case Step.REJECT:
            yield replace(world, state=S.REJECTED)
        case Step.WITHDRAW:
            yield replace(world, state=S.WITHDRAWN)


def with_paper(facts: Facts, number: int, *, is_settled: bool) -> Facts:
    papers = [
        replace(paper, is_settled=is_settled if place == number else paper.is_settled)
        for place, paper in enumerate(facts.papers)
    ]
    return replace(facts, papers=tuple(papers))


def everything(needs_client: bool, needs_window: bool) -> set[World]:
    papers = tuple(Paper(number, step, False) for number, step in enumerate((WorkStep.PLAN, WorkStep.RESULT)))
    first = World(S.DRAFT, Facts(needs_client=needs_client, needs_window=needs_window, papers=papers))
    seen, waiting = {first}, [first]
    while waiting:
        world = waiting.pop()
        for superior in (True, False):
            for found in moves(world, superior):
                if found not in seen:
                    seen.add(found)
                    waiting.append(found)
    return seen


def test_no_way_leads_to_work_without_approval_and_a_way_back_none_to_the_end_without_documents() -> None:
    for needs_client, needs_window in product((True, False), (True, False)):
        worlds = everything(needs_client, needs_window)
        assert {world.state for world in worlds} == set(S)
        for world in worlds:
            if world.state in (S.STARTED, S.DONE, S.REVIEWED, S.CLOSED):
                began = world.began_with
                assert began and began.plan and began.rollback and began.is_approved
                assert began.is_client_asked or not needs_client
                assert began.has_window or not needs_window
                assert all(paper.is_settled for paper in began.papers if paper.step in NEEDED_TO_START)
            if world.state == S.CLOSED:
                ended = world.closed_with
                assert ended and ended.has_result and ended.is_reviewed
                assert all(paper.is_settled for paper in ended.papers)


def test_the_walk_would_find_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: where work may begin from a draft that is merely whole, the walk finds that."""
    missing_to = Facts.missing_to

    def lax(facts: Facts, step: Step) -> Missing:
        return missing_to(facts, Step.SUBMIT if step == Step.START else step)

    monkeypatch.setitem(STEPS, Step.START, STEPS[Step.START] | {S.DRAFT})
    monkeypatch.setattr(Facts, "missing_to", lax)
    worlds = everything(needs_client=False, needs_window=False)
    assert any(world.began_with and not world.began_with.is_approved for world in worlds)
