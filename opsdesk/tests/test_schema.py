"""What is documented is so: the schema is valid, its examples run, and every answer has the shape it says."""

import io
import json
import re
import shlex
import uuid
from datetime import timedelta
from itertools import count, product

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from django.test import Client as Browser
from django.utils import timezone
from jsonschema import Draft202012Validator

from audits.tests.processes import process_command
from audits.tests.world import build_world as audits_world
from clients.models import Site, System
from duty.actions import Said, answer_items, make_plan
from duty.models import InspectionSheet
from duty.tests.inspections import CPU, daily, published
from duty.tests.world import build_world, send
from meetings.tests.reports import report_for
from meetings.tests.restworld import build_world as meetings_world
from opsdesk.apidocs import docs, schema_in
from opsdesk.problems import TITLES
from opsdesk.tests.rest import ROOT, caller, handover_for, overrun_for, record_for
from reports.tests.assessmentworld import build_world as assessments_world
from reports.tests.monthly.restworld import build_world as monthly_world
from staff.actions import save_channel
from staff.files import Upload
from staff.models import NoticeChannel
from staff.tests.hostile import picture
from surveys.tests.correcting import corrective_for
from surveys.tests.surveys import invited
from tickets import actions
from tickets.documents.kinds import DocumentKind, Edition, Entered, Order
from tickets.models import ChecklistItem, FollowUp, Kind
from tickets.tests.story import running, solved
from tickets.tests.works import change_for
from visits.tests.world import build_world as callbacks_world

REMOTE_VERBS = ("authorise_remote", "add_evidence", "revoke_remote", "open_remote", "close_remote")
VERBS = (
    "grade",
    "assign",
    "acknowledge",
    "diagnose",
    "notes",
    "repeat_contact",
    "pause",
    "resume",
    "resolve",
    "confirm",
    "reopen",
    "link",
    "unlink",
    "merge",
    "unmerge",
    "split",
    "adopt",
    "tick",
    "untick",
    "step_up",
    "convene",
    "decide",
    "join_meeting",
    "call_in",
    "follow_up",
    "settle_follow_up",
    "tell_client",
    "written_report",
    "dispatch",
    "depart",
    "arrive",
    "leave",
    "call_off",
    *REMOTE_VERBS,
    "acknowledge_report_up",
)
STEPS = ("explain", "rule", "appeal", "decide")
HANDOVER_STEPS = ("hand_over", "send_back", "overrule", "sign")
READS = (
    "/me/",
    "/channels/",
    "/deliveries/",
    "/tickets/",
    "/tickets/{id}/",
    "/tickets/{id}/entries/",
    "/tickets/{id}/attachments/",
    "/tickets/{id}/links/",
    "/tickets/{id}/checklist/",
    "/tickets/{id}/time/",
    "/tickets/{id}/replies/",
    "/tickets/{id}/steps/",
    "/tickets/{id}/meetings/",
    "/tickets/{id}/dispatches/",
    "/dispatches/",
    "/tickets/{id}/remote_authorisations/",
    "/tickets/{id}/remote_sessions/",
    "/tickets/{id}/documents/",
    "/overruns/",
    "/handovers/",
    "/tickets/{id}/report_ups/",
    "/replies/",
    "/clients/",
    "/clients/{code}/",
    "/systems/",
    "/client-types/",
    "/duty/now/",
    "/duty/shifts/",
    "/duty/gaps/",
    "/inspections/",
    "/duty/cover/",
    "/duty/counts/",
    "/surveys/questionnaires/",
    "/surveys/campaigns/",
    "/surveys/invitations/",
    "/surveys/answers/",
)
GUIDE = settings.BASE_DIR / "docs" / "rest.md"


@pytest.fixture(scope="module")
def schema():
    return schema_in("en")


@pytest.fixture
def li(cast):
    return caller(cast.li)


def test_the_schema_is_valid_and_nothing_in_it_had_to_be_guessed(tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yml"))


def test_the_schema_is_for_everyone_to_read(db):
    answer = Browser().get("/api/v1/schema/")
    assert answer.status_code == 200
    assert answer.json()["components"]["securitySchemes"] == {"bearer": {"type": "http", "scheme": "bearer"}}
    assert answer.json()["openapi"].startswith("3.")


def test_every_operation_says_what_can_go_wrong_and_needs_a_token(schema):
    operations = [operation for path in schema["paths"].values() for operation in path.values()]
    assert len(operations) == 318
    for operation in operations:
        assert operation["summary"] and operation["security"] == [{"bearer": []}]
        refusals = {status: answer for status, answer in operation["responses"].items() if status[0] != "2"}
        assert {"401", "default"} <= set(refusals)
        for answer in refusals.values():
            (media,) = answer["content"].items()
            assert media == ("application/problem+json", {"schema": {"$ref": "#/components/schemas/Problem"}})
    for verb in VERBS:
        answers = schema["paths"][f"/api/v1/tickets/{{id}}/{verb}/"]["post"]["responses"]
        assert {"200", "400", "401", "403", "404", "409", "412", "422"} <= set(answers)
    log = schema["paths"]["/api/v1/tickets/"]["post"]
    (key,) = [parameter for parameter in log["parameters"] if parameter["in"] == "header"]
    assert key["name"] == "Idempotency-Key" and key["required"]


def as_json_schema(part, schema):
    """An OpenAPI 3.0 schema as JSON Schema, and strict: an object has no properties but those documented."""
    if "$ref" in part:
        return as_json_schema(schema["components"]["schemas"][part["$ref"].rpartition("/")[2]], schema)
    plain = {
        name: value
        for name, value in part.items()
        if name in ("type", "enum", "pattern", "format", "required")
    }
    for several in ("allOf", "oneOf"):
        if several in part:
            plain["anyOf"] = [as_json_schema(inner, schema) for inner in part[several]]
    if "items" in part:
        plain["items"] = as_json_schema(part["items"], schema)
    if "properties" in part:
        plain["properties"] = {
            name: as_json_schema(inner, schema) for name, inner in part["properties"].items()
        }
        plain["additionalProperties"] = False
    return {"anyOf": [plain, {"type": "null"}]} if part.get("nullable") else plain


def assert_as_documented(answer, method, path, schema):
    answers = schema["paths"][f"{ROOT}{path}"][method]["responses"]
    media_type = answer["Content-Type"]
    documented = answers.get(str(answer.status_code), answers["default"])["content"][media_type]["schema"]
    validator_of(documented, schema).validate(answer.json())


VALIDATORS = {}


def validator_of(documented, schema):
    """The validator of a part of the schema, made once; the part is kept, so that its id is its own."""
    if id(documented) not in VALIDATORS:
        VALIDATORS[id(documented)] = documented, Draft202012Validator(as_json_schema(documented, schema))
    return VALIDATORS[id(documented)][1]


def examples(schema, path, method="post"):
    operation = schema["paths"][f"{ROOT}{path}"][method]
    if "requestBody" not in operation:
        return [{}]
    media = operation["requestBody"]["content"]["application/json"]
    return [example["value"] for example in media["examples"].values()]


def item_of(ticket):
    return ChecklistItem.objects.filter(checklist__ticket=ticket).earliest("pk").pk


def remote_facts(ticket, example):
    """What stands in an example of remote access, as it is on this record and at this time."""
    authorisation = ticket.remote_authorisations.first()
    facts = {
        "window_from": timezone.now().isoformat(),
        "window_to": (timezone.now() + timedelta(hours=2)).isoformat(),
        "authorisation": authorisation and authorisation.pk,
        "evidence": ticket.attachments.values_list("pk", flat=True).first(),
        "session": authorisation and authorisation.sessions.values_list("pk", flat=True).first(),
    }
    return {name: value for name, value in facts.items() if name in example}


@pytest.mark.parametrize("verb", VERBS)
def test_the_example_of_a_verb_runs_and_answers_as_documented(cast, li, schema, verb):
    path = f"/tickets/{{id}}/{verb}/"
    for example in examples(schema, path):
        if "until" in example:
            example = example | {"until": (timezone.now() + timedelta(days=1)).isoformat()}
        for name in {"other", "into", "child"} & set(example):
            example = example | {name: cast.ticket().number}
        ticket = record_for(verb, cast)
        if "item" in example:
            example = example | {"item": item_of(ticket)}
        if verb in REMOTE_VERBS:
            example = example | remote_facts(ticket, example)
        if "follow_up" in example:
            one = FollowUp.objects.filter(meeting__ticket=ticket).get()
            example = example | {"follow_up": one.pk}
        if "report_up" in example:
            example = example | {"report_up": ticket.escalations.fired().get().pk}
        answer = li.post(path.replace("{id}", ticket.number), example)
        assert answer.status_code == 200, answer.json()
        assert_as_documented(answer, "post", path, schema)


def test_the_examples_of_a_call_run_and_answer_as_documented(cast, li, schema):
    by_staff, by_contact = examples(schema, "/tickets/")
    for who, example in ((li, by_staff), (caller(cast.sun), by_contact)):
        answer = who.post("/tickets/", example)
        assert answer.status_code == 201, answer.json()
        assert_as_documented(answer, "post", "/tickets/", schema)


@pytest.mark.parametrize("step", STEPS)
def test_the_example_of_a_step_runs_and_answers_as_documented(cast, schema, step):
    path = f"/overruns/{{case}}/{step}/"
    [example] = examples(schema, path)
    case, who = overrun_for(step, cast)
    answer = caller(who).post(path.replace("{case}", str(case.pk)), example)
    assert answer.status_code == 200, answer.json()
    assert_as_documented(answer, "post", path, schema)
    for reader in (who, cast.li):  # li may not read who answers
        answer = caller(reader).get(f"/overruns/{case.pk}/")
        assert_as_documented(answer, "get", "/overruns/{case}/", schema)


INSPECTING = ("values", "finish")


def inspection_for(verb, cast):
    """An inspection of one item, on which the verb is possible."""
    now = timezone.now()
    name = f"Sheet {InspectionSheet.objects.count()}"
    sheet = published(cast, CPU, name=name, now=now)
    plan = make_plan(sheet, daily(since=timezone.localdate(now)), by=cast.wang, now=now)
    inspection = plan.inspections.latest("day")
    if verb == "finish":
        item = inspection.version.items.get().pk
        answer_items(inspection, {item: Said(value="42")}, by=cast.li, now=now)
    return inspection


def as_on(inspection, command):
    """A command or a path with the ids of an inspection and its item instead of 1."""
    item = inspection.version.items.get().pk
    command = command.replace('"item": 1', f'"item": {item}').replace("item=1", f"item={item}")
    return command.replace("/inspections/1/", f"/inspections/{inspection.pk}/")


@pytest.mark.parametrize("verb", INSPECTING)
def test_the_example_of_an_inspection_runs_and_answers_as_documented(cast, li, schema, verb):
    path = f"/inspections/{{inspection}}/{verb}/"
    [example] = examples(schema, path)
    inspection = inspection_for(verb, cast)
    body = as_on(inspection, json.dumps(example))
    answer = li.post(path.replace("{inspection}", str(inspection.pk)), body)
    assert answer.status_code == 200, answer.json()
    assert_as_documented(answer, "post", path, schema)
    listed = li.get("/inspections/", {"standing": "all"})
    assert listed.json()["results"]
    assert_as_documented(listed, "get", "/inspections/", schema)


@pytest.mark.parametrize("verb", ["key", "returned"])
def test_the_example_of_a_survey_runs_and_answers_as_documented(cast, li, schema, verb):
    path = "/surveys/invitations/{invitation}/"
    [example] = examples(schema, f"{path}{verb}/")
    invitation = invited(cast, timezone.now())
    answer = li.post(f"{path}{verb}/".replace("{invitation}", invitation.number), example)
    assert answer.status_code == 200, answer.json()
    assert_as_documented(answer, "post", f"{path}{verb}/", schema)
    campaign, one = invitation.campaign_id, invitation.version.questionnaire_id
    for found, at in (
        (path, invitation.number),
        ("/surveys/campaigns/{campaign}/", campaign),
        ("/surveys/questionnaires/{questionnaire}/", one),
        ("/surveys/answers/", ""),
    ):
        shown = li.get(re.sub(r"\{\w+\}", str(at), found))
        assert shown.status_code == 200
        assert_as_documented(shown, "get", found, schema)


@pytest.mark.parametrize("step", HANDOVER_STEPS)
def test_the_example_of_a_step_of_a_handover_runs_and_answers_as_documented(cast, schema, step):
    path = f"/handovers/{{handover}}/{step}/"
    [example] = examples(schema, path)
    handover, who = handover_for(step, cast)
    answer = caller(who).post(path.replace("{handover}", str(handover.pk)), example)
    assert answer.status_code == 200, answer.json()
    assert_as_documented(answer, "post", path, schema)
    found = caller(cast.zhou).get(f"/handovers/{handover.pk}/")
    assert_as_documented(found, "get", "/handovers/{handover}/", schema)
    [example] = examples(schema, "/handovers/")
    assert_as_documented(caller(who).post("/handovers/", example), "post", "/handovers/", schema)


ARCHIVE = ("contacts", "sites", "systems", "contracts")


def in_archive(command, cast):
    """A command on the archive with the ids of this cast, and who may send it."""
    site = Site.objects.get_or_create(client=cast.hospital, name="Main site")[0]
    ids = {
        "contacts": cast.contact.pk,
        "sites": site.pk,
        "systems": cast.his.pk,
        "contracts": cast.hospital.contracts.get().pk,
    }
    for name, pk in ids.items():
        command = command.replace(f"/{name}/1/", f"/{name}/{pk}/")
    return re.sub(r"/clients/(?!hospital)[-\w]+/(?=\w)", "/clients/hospital/", command), cast.wang


def test_the_archive_answers_as_documented_and_every_example_of_it_runs(cast, schema):
    ran = 0
    for full, methods in schema["paths"].items():
        path = full.removeprefix(ROOT)
        if not path.startswith(("/clients/", *(f"/{name}/{{thing}}" for name in ARCHIVE))):
            continue
        for method in methods:
            for example in examples(schema, path, method):
                address = path.replace("{thing}", "1").replace("{code}", "hospital")
                address, who = in_archive(address, cast)
                with transaction.atomic():
                    answer = send(caller(who), method, address, example)
                    transaction.set_rollback(True)
                assert answer.status_code in (200, 201), (path, answer.content)
                assert_as_documented(answer, method, path, schema)
                ran += 1
    assert ran == 25


def test_what_is_read_is_as_documented(cast, schema):
    System.objects.create(client=cast.hospital, name="PACS")
    readers = (cast.li, cast.sun, cast.zhao)
    for reader in readers:
        channel = NoticeChannel(owner=reader, kind="sms", name="Pager", topics=["report_up"])
        save_channel(channel, address="13800001111", by=reader, now=timezone.now())
    tickets = [record_for(verb, cast) for verb in VERBS]
    attached(tickets[0], cast)
    overrun_for("appeal", cast)
    handover_for("sign", cast)
    actions.attach(tickets[0], [Upload("a.png", io.BytesIO(picture()))], by=cast.sun, now=timezone.now())
    numbers = [ticket.number for ticket in tickets]
    for ask, path in product(map(caller, readers), READS):
        for number in numbers if "{id}" in path else numbers[:1]:
            answer = ask.get(path.replace("{id}", number).replace("{code}", "hospital"))
            assert answer.status_code == 200
            assert_as_documented(answer, "get", path, schema)


def test_the_roster_answers_as_documented_and_every_example_of_it_runs(cast, schema):
    world, ran = build_world(cast), 0
    for path, methods in schema["paths"].items():
        if not path.startswith(f"{ROOT}/duty/"):
            continue
        path = path.removeprefix(ROOT)
        who = caller(world.who_does(path))
        for method in methods:
            for example in examples(schema, path, method):
                with transaction.atomic():
                    body = json.loads(world.fits(json.dumps(example)))
                    answer = send(who, method, world.fits(path), body)
                    transaction.set_rollback(True)
                assert answer.status_code in (200, 201, 204), (path, answer.content)
                if answer.status_code != 204:
                    assert_as_documented(answer, method, path, schema)
                ran += 1
    assert ran == 51


WORLDS = {
    "callbacks": (callbacks_world, 27),
    "meetings": (meetings_world, 19),
    "quality": (audits_world, 21),
    "assessments": (assessments_world, 7),
}


@pytest.mark.parametrize("part", WORLDS)
def test_a_part_with_a_world_of_its_own_answers_as_documented_and_its_examples_run(cast, schema, part):
    build, wanted = WORLDS[part]
    world, ran = build(cast), 0
    for path, methods in schema["paths"].items():
        if not path.startswith(f"{ROOT}/{part}/") or path.endswith("/files/"):
            continue
        path = path.removeprefix(ROOT)
        who = caller(world.who_does(path))
        for method in methods:
            for example in examples(schema, path, method):
                with transaction.atomic():
                    answer = send(who, method, world.fits(path), json.loads(world.fits(json.dumps(example))))
                    transaction.set_rollback(True)
                assert answer.status_code in (200, 201), (path, answer.content)
                assert_as_documented(answer, method, path, schema)
                ran += 1
    assert ran == wanted


def test_weekly_reports_answer_as_documented_and_every_example_of_them_runs(cast, schema):
    ran, now = 0, timezone.now()
    for path, methods in schema["paths"].items():
        if not path.startswith(f"{ROOT}/weekly-reports/"):
            continue
        path = path.removeprefix(ROOT)
        for method, example in ((m, e) for m in methods for e in examples(schema, path, m) or [None]):
            with transaction.atomic():
                report, who = report_for(path.rstrip("/").rpartition("/")[2], cast, now)
                address = path.replace("{report}", str(report.pk))
                if example and "day" in example:
                    example = {"day": timezone.localdate().isoformat()}
                answer = send(caller(who), method, address, example)
                transaction.set_rollback(True)
            assert answer.status_code in (200, 201), (path, answer.content)
            assert_as_documented(answer, method, path, schema)
            ran += 1
    assert ran == 8


def test_figures_are_as_documented_and_their_example_runs(cast, schema):
    supervisor = caller(cast.wang)
    (example,) = examples(schema, "/phone-days/")
    answer = supervisor.post("/phone-days/", example)
    assert answer.status_code == 200
    assert_as_documented(answer, "post", "/phone-days/", schema)
    for path in ("/kpis/", "/kpis/{kpi}/", "/kpis/{kpi}/values/", "/phone-days/"):
        for kpi, ask in product(("response", "mttr", "availability"), (supervisor, caller(cast.zhao))):
            answer = ask.get(path.replace("{kpi}", kpi))
            assert answer.status_code == 200
            assert_as_documented(answer, "get", path, schema)


@pytest.mark.parametrize("place", [0, 1])
def test_the_examples_of_a_document_run_and_answer_as_documented(cast, li, schema, place):
    path, now = "/tickets/{id}/documents/", timezone.now()
    example = examples(schema, path)[place]
    ticket = (running, solved)[place](cast, now - timedelta(hours=(1, 9)[place]))
    if "next_message_at" in example:
        example = example | {"next_message_at": (now + timedelta(hours=1)).isoformat()}
    answer = li.post(path.replace("{id}", ticket.number), example)
    assert answer.status_code == 201, answer.json()
    assert_as_documented(answer, "post", path, schema)
    one = f"{path}{{document}}/"
    found = li.get(one.replace("{id}", ticket.number).replace("{document}", str(answer.json()["id"])))
    assert_as_documented(found, "get", one, schema)
    listed = li.get(path.replace("{id}", ticket.number))
    assert listed.json()["results"] and listed.status_code == 200
    assert_as_documented(listed, "get", path, schema)


def test_the_policy_is_as_documented(cast, li, schema):
    for path in ("/policy/", "/policy/versions/", "/policy/versions/{number}/"):
        answer = li.get(path.replace("{number}", "1"))
        assert answer.status_code == 200
        assert_as_documented(answer, "get", path, schema)


def test_the_answer_to_files_is_as_documented(cast, li, schema):
    file = SimpleUploadedFile("截图.png", picture())
    path = "/tickets/{id}/attachments/"
    headers = {"Authorization": f"Bearer {li.token}"}
    answer = Browser().post(
        ROOT + path.replace("{id}", cast.ticket().number), {"files": file}, headers=headers
    )
    assert answer.status_code == 201
    assert_as_documented(answer, "post", path, schema)


def test_refusals_are_as_documented(cast, li, schema):
    number = cast.ticket().number
    for answer, method, path in (
        (Browser().get(f"{ROOT}/me/"), "get", "/me/"),
        (li.post("/tickets/", {"x": 1}), "post", "/tickets/"),
        (li.post("/tickets/", {}, key=None), "post", "/tickets/"),
        (li.get("/tickets/T-1/"), "get", "/tickets/{id}/"),
        (li.get("/tickets/", {"limit": 0}), "get", "/tickets/"),
        (li.post(f"/tickets/{number}/resume/"), "post", "/tickets/{id}/resume/"),
        (li.post(f"/tickets/{number}/resume/", If_Match='"0"'), "post", "/tickets/{id}/resume/"),
    ):
        assert answer.status_code >= 400
        assert_as_documented(answer, method, path, schema)


def attached(ticket, cast):
    """The id of a file of this record."""
    log = Upload("app.log", io.BytesIO(b"x\n"))
    return actions.attach(ticket, [log], by=cast.li, now=timezone.now()).attachments.get().pk


def documented(command, cast):
    """A record of which the command's document may be issued, or has been."""
    now = timezone.now()
    if '"notice"' in command:
        return running(cast, now - timedelta(hours=1))
    ticket = solved(cast, now - timedelta(hours=9))
    texts = Entered(impact="x", measures="x")
    order = Order(DocumentKind.REPORT, Edition.INTERNAL, "en", texts)
    actions.issue_document(ticket, order, by=cast.li, now=now)
    return ticket


def guide_commands():
    """The curl commands of the guide, in order."""
    for block in re.findall(r"```sh\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL):
        for line in re.sub(r"\\\n", " ", block).splitlines():
            if line.strip().startswith("curl"):
                yield line.strip()


def run(command, variables):
    """Send what a curl command would send."""
    for name, value in variables.items():
        command = command.replace(f"${name}", value)
    words, headers, method, body, url = iter(shlex.split(command)[1:]), {}, "GET", "", ""
    parts = {}
    for word in words:
        match word:
            case "-X":
                method = next(words)
            case "-H":
                name, _colon, value = next(words).partition(": ")
                headers[name] = value
            case "-d":
                body = next(words)
            case "-F":
                name, _equals, value = next(words).partition("=")
                is_file = value.startswith("@")
                parts[name] = SimpleUploadedFile(value[1:], picture()) if is_file else value
            case _:
                url = word
    assert url.startswith("http://opsdesk.test/"), command
    content_type = headers.pop("Content-Type", "")
    path = url.removeprefix("http://opsdesk.test")
    if parts:
        return Browser().post(path, parts, headers=headers)
    return Browser().generic(method, path, body, content_type=content_type, headers=headers)


def run_on_roster(command, world):
    """Run a command on the roster of the tests, and leave that as it was."""
    (address,) = (word for word in command.split() if "/v1/" in word)
    token = caller(world.who_does(address)).token
    with transaction.atomic():
        command = world.fits(command.replace("http://testserver", "http://opsdesk.test"))
        answer = run(command, {"TOKEN": token})
        transaction.set_rollback(True)
    assert answer.status_code in (200, 201, 204), (command, answer.content)


def test_every_command_of_the_guide_runs(cast, li):
    variables = {
        "OPSDESK": "http://opsdesk.test",
        "TOKEN": li.token,
        "CLIENT": "hospital",
        "KEY": str(uuid.uuid4()),
    }
    ran = 0
    for command in guide_commands():
        answer = run(command, variables)
        assert answer.status_code in (200, 201), (command, answer.content)
        if answer.status_code == 201 and "id" in answer.json():
            variables["TICKET"] = answer.json()["id"]
        ran += 1
    assert ran == 12


def test_the_guide_names_every_address_and_every_code(schema):
    guide = GUIDE.read_text(encoding="utf-8")
    for path, methods in schema["paths"].items():
        for method in methods:
            assert f"`{method.upper()} {path.removeprefix(ROOT)}`" in guide
    for code in TITLES:
        assert f"`{code}`" in guide or code in ("refused", "throttled"), code


# The pages


def page(part: str = "") -> str:
    answer = Browser().get(f"/api/v1/docs/{part}", headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    return answer.content.decode()


def parts() -> list[str]:
    """The pages that the first one leads to."""
    return sorted(set(re.findall(r'href="/api/v1/docs/([a-z]+/)"', page())))


def test_every_link_of_the_pages_leads_to_something(cast):
    shown = {part: page(part) for part in ["", *parts()]}
    ids = {part: set(re.findall(r' id="([^"]+)"', text)) for part, text in shown.items()}
    links = [
        (part if address == "" else address.removeprefix("/api/v1/docs/"), anchor)
        for part, text in shown.items()
        for address, anchor in re.findall(r'href="(|/api/v1/docs/[a-z]*/?)#([^"]+)"', text)
    ]
    assert len(links) > 700
    assert [(part, anchor) for part, anchor in links if anchor not in ids[part]] == []
    assert Browser().get("/api/v1/docs/no-such-part/").status_code == 404


def test_the_page_explains_every_address_with_a_command_that_runs(cast, li):
    text = "".join(page(part) for part in parts())
    commands = re.findall(r"<pre tabindex=\"0\"><code>(curl.*?)</code>", text, re.DOTALL)
    assert len(commands) == 321
    commands = [re.sub(r"\\\n", " ", c.replace("&quot;", '"').replace("&#x27;", "'")) for c in commands]
    on_callbacks = [command for command in commands if "/callbacks/" in command]
    on_audits = [command for command in commands if "/quality/" in command]
    on_meetings = [command for command in commands if "/v1/meetings/" in command]
    on_assessments = [command for command in commands if "/assessments/" in command]
    on_monthly = [command for command in commands if "/monthly-reports/" in command]
    apart = on_callbacks + on_audits + on_meetings + on_assessments + on_monthly
    on_roster = [command for command in commands if "/duty/" in command] + apart
    numbers = count(1)
    for command in commands:
        if command in on_roster:
            continue
        with transaction.atomic():  # what one needs is in nobody else's way
            verb = command.split()[3].rstrip("/").rpartition("/")[2] if "-X POST" in command else ""
            command = command.replace("T-10233", "T-OTHER")
            if "T-10234" in command:
                ticket = documented(command, cast) if "/documents/" in command else record_for(verb, cast)
                command = command.replace("T-10234", ticket.number)
                if "/documents/1/" in command:
                    command = command.replace("/documents/1/", f"/documents/{ticket.documents.get().pk}/")
                later = (timezone.now() + timedelta(hours=1)).isoformat()
                command = re.sub(r'"next_message_at": "[^"]+"', f'"next_message_at": "{later}"', command)
                if "/attachments/1/" in command:
                    command = command.replace("/attachments/1/", f"/attachments/{attached(ticket, cast)}/")
                if '"item"' in command:
                    command = command.replace('"item": 1', f'"item": {item_of(ticket)}')
                for name, value in remote_facts(ticket, {"window_from", "window_to"}).items():
                    command = re.sub(rf'"{name}": "[^"]+"', f'"{name}": "{value}"', command)
                for name, value in remote_facts(ticket, {"authorisation", "evidence", "session"}).items():
                    command = command.replace(f'"{name}": 1', f'"{name}": {value}')
                if '"follow_up": 1' in command:
                    one = FollowUp.objects.get(meeting__ticket=ticket).pk
                    command = command.replace('"follow_up": 1', f'"follow_up": {one}')
                if '"report_up"' in command:
                    step = ticket.escalations.fired().get().pk
                    command = command.replace('"report_up": 1', f'"report_up": {step}')
            command = command.replace("T-OTHER", cast.ticket().number)
            reader = li
            if "/inspections/1/" in command:
                command = as_on(inspection_for(verb, cast), command)
            if "/overruns/1/" in command:
                case, who = overrun_for(verb or "explain", cast)
                command, reader = command.replace("/overruns/1/", f"/overruns/{case.pk}/"), caller(who)
            if "/corrective-actions/1/" in command:
                action, who = corrective_for(verb, cast)
                command = command.replace("/corrective-actions/1/", f"/corrective-actions/{action.pk}/")
                reader = caller(who)
            if "/changes/1/" in command:
                change, who, ids = change_for(verb, cast)
                command, reader = command.replace("/changes/1/", f"/changes/{change.pk}/"), caller(who)
                command = command.replace('"2099-', f'"{timezone.now().year + 1}-')
                for name, pk in ids.items():
                    command = command.replace(f'"{name}": 1', f'"{name}": {pk}')
            if "/process/" in command:
                command, who = process_command(command, verb, cast)
                reader = caller(who)
            if "/complaints/" in command:
                complaint = cast.ticket(timezone.now(), kind=Kind.COMPLAINT)
                command = re.sub(r"/complaints/T-\d+/", f"/complaints/{complaint.number}/", command)
                reader = caller(cast.wang)
            if "/kpis/" in command:
                command = re.sub(r"/kpis/[^/]+/", "/kpis/response/", command)
            if "/phone-days/" in command:
                reader = caller(cast.wang)
            if "/weekly-reports/" in command:
                report, who = report_for(verb, cast, timezone.now())
                command = command.replace("/weekly-reports/1/", f"/weekly-reports/{report.pk}/")
                command = command.replace('"day": "2026-11-23"', f'"day": "{timezone.localdate()}"')
                reader = caller(who)
            if "/handovers/" in command:
                handover, who = handover_for(verb, cast)
                command, reader = command.replace("/handovers/1/", f"/handovers/{handover.pk}/"), caller(who)
            if re.search(r"/v1/(clients|contacts|sites|systems|contracts)/", command):
                command, who = in_archive(command, cast)
                reader = caller(who)
            if "/surveys/" in command:
                sent = invited(cast, timezone.now())
                command = command.replace("S-1-8", sent.number)
                command = command.replace("/campaigns/1/", f"/campaigns/{sent.campaign_id}/")
                one = sent.version.questionnaire_id
                command = command.replace("/questionnaires/1/", f"/questionnaires/{one}/")
            if '"until"' in command:
                command = re.sub(
                    r'"until": "[^"]+"',
                    f'"until": "{(timezone.now() + timedelta(days=1)).isoformat()}"',
                    command,
                )
            variables = {"TOKEN": reader.token, "(uuidgen)": f"key-{next(numbers)}"}
            if "Printing is slow" in command:
                variables["TOKEN"] = caller(cast.sun).token
            answer = run(command.replace("http://testserver", "http://opsdesk.test"), variables)
            assert answer.status_code in (200, 201), (command, answer.content)
            transaction.set_rollback(True)
    world = build_world(cast)
    for command in on_roster:
        if command not in apart:
            run_on_roster(command, world)
    worlds = (
        (callbacks_world, on_callbacks),
        (audits_world, on_audits),
        (meetings_world, on_meetings),
        (assessments_world, on_assessments),
        (monthly_world, on_monthly),
    )
    for build, own in worlds:
        world = build(cast)
        for command in own:
            run_on_roster(command, world)


def test_the_page_has_an_anchor_for_every_problem(cast):
    text = Browser().get("/api/v1/docs/").content.decode()
    assert all(f'id="problem-{code}"' in text for code in TITLES)


def test_the_page_works_signed_in_too_and_in_chinese(cast):
    browser = Browser()
    browser.force_login(cast.li, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get("/api/v1/docs/").status_code == 200
    assert docs.login_required is False
    assert Browser().get("/api/v1/docs/", headers={"Accept-Language": "zh"})["Content-Language"] == "zh-hans"


def test_a_contact_reads_it_in_his_own_frame(cast):
    browser = Browser()
    browser.force_login(cast.sun)
    text = browser.get("/api/v1/docs/").content.decode()
    assert "/palette/" not in text and "/portal/" in text


def test_the_page_has_no_script_or_style_of_its_own(cast):
    answer = Browser().get("/api/v1/docs/tickets/")
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son[a-z]+=", answer.content.decode())


def test_the_schema_speaks_the_readers_language(db):
    def summary(language):
        schema = Browser().get("/api/v1/schema/", headers={"Accept-Language": language}).json()
        return schema["paths"]["/api/v1/me/"]["get"]["summary"]

    assert summary("en") == summary("en-GB,zh;q=0.5") == "Who am I?" != summary("zh-CN")
