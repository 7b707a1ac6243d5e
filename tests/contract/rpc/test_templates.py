"""A workspace's own reply templates: made, used, changed, refused, removed."""

from __future__ import annotations

import threading
from collections.abc import Callable

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from sidecar.client import SidecarClient, SidecarError
from sidecar.domain.reply_templates import BUILT_IN_TEMPLATES
from sidecar.domain.template_rules import VARIABLES, faults
from sidecar.v1 import (
    assist_pb2,
    classification_pb2,
    common_pb2,
    knowledge_pb2,
    policy_pb2,
    template_pb2,
    ticket_pb2,
)
from tests.contract.rpc.conftest import Running

Template = template_pb2.ReplyTemplate
BODY = "{greeting}\n\nThank you for writing to the shop.\n\n{steps}\n\n{closing}"


def template(**fields: object) -> Template:
    """Return a good template with other values."""
    made = Template(
        name="Shop",
        body=BODY,
        purpose=assist_pb2.DRAFT_PURPOSE_INITIAL_RESPONSE,
        language="en",
        enabled=True,
    )
    made.MergeFrom(Template(**fields))  # type: ignore[arg-type]  # fields by name
    return made


def create(client: SidecarClient, made: Template, request_id: str = "") -> Template:
    """Add a template."""
    return client.policies.CreateReplyTemplate(
        policy_pb2.CreateReplyTemplateRequest(request_id=request_id, template=made)
    ).template


def update(
    client: SidecarClient, made: Template, *paths: str, request_id: str = ""
) -> Template:
    """Change a template."""
    return client.policies.UpdateReplyTemplate(
        policy_pb2.UpdateReplyTemplateRequest(
            request_id=request_id, template=made, update_mask=FieldMask(paths=paths)
        )
    ).template


def get(client: SidecarClient, template_id: str) -> Template:
    """Read a template."""
    return client.policies.GetReplyTemplate(
        policy_pb2.GetReplyTemplateRequest(template_id=template_id)
    ).template


def delete(client: SidecarClient, template_id: str, request_id: str = "") -> None:
    """Remove a template."""
    client.policies.DeleteReplyTemplate(
        policy_pb2.DeleteReplyTemplateRequest(
            template_id=template_id, request_id=request_id
        )
    )


def test_every_built_in_template_keeps_the_rules() -> None:
    """What we ship passes what we ask of others."""
    wrong = {t.id: faults(t.body, t.purpose) for t in BUILT_IN_TEMPLATES}
    assert {k: v for k, v in wrong.items() if v} == {}


def test_a_template_is_stored_as_it_was_sent(running: Running) -> None:
    """With its variables named, and for one category and severity."""
    with running.client() as client:
        sent = template(
            categories=["billing"], severities=[classification_pb2.SEVERITY_HIGH]
        )
        made = create(client, sent)
        assert get(client, made.template_id) == made
    assert list(made.variables) == ["closing", "greeting", "steps"]
    assert made.etag
    for name in ("template_id", "etag", "variables"):
        made.ClearField(name)
    assert made == sent


def test_the_next_draft_is_written_in_it(running: Running) -> None:
    """Every variable that is allowed is also filled: no brace reaches a customer."""
    words = " ".join(f"So {{{name}}} it is." for name in sorted(VARIABLES))
    with running.client() as client:
        client.upload(
            b"# Returns\n\nYou can return any lamp within 30 days of delivery.",
            knowledge_pb2.AddDocumentHeader(
                file_name="returns.md", visibility=common_pb2.VISIBILITY_PUBLIC
            ),
        )
        body = f"A word from the lamp shop.\n\n{words}\n\n{{steps}}\n\nBye."
        made = create(client, template(body=body))
        draft = client.assist.DraftReply(
            assist_pb2.DraftReplyRequest(
                template_id=made.template_id,
                ticket=ticket_pb2.Ticket(
                    external_id="lamp-1",
                    connector="zendesk",
                    subject="Return a lamp",
                    customer=ticket_pb2.Customer(external_id="c", name="Jo Doe"),
                    messages=[ticket_pb2.Message(body="How long can I return a lamp?")],
                ),
            )
        ).draft
        delete(client, made.template_id)
    assert "A word from the lamp shop." in draft.text
    assert "30 days" in draft.text
    assert "{" not in draft.text
    # A calm ticket and a single fact leave acknowledgement and lead empty at most.
    assert draft.text.count("it is.") >= len(VARIABLES) - 2


def test_only_what_the_mask_names_is_changed(running: Running) -> None:
    """The other values of the message do not count."""
    with running.client() as client:
        made = create(client, template(categories=["billing"]))
        sent = template(
            template_id=made.template_id, etag=made.etag, name="New", language="de"
        )
        after = update(client, sent, "name")
        assert get(client, made.template_id) == after
    assert (after.name, after.language) == ("New", "en")
    assert list(after.categories) == ["billing"]
    assert after.etag != made.etag


def test_without_a_mask_everything_is_set(running: Running) -> None:
    """What the message leaves empty becomes empty."""
    with running.client() as client:
        made = create(client, template(categories=["billing"]))
        sent = template(template_id=made.template_id, etag=made.etag, language="de")
        after = update(client, sent)
    assert after.language == "de"
    assert list(after.categories) == []


def test_a_repeat_returns_the_first_answer(running: Running) -> None:
    """Making, changing and removing happen once for a request id."""
    with running.client() as client:
        made = create(client, template(), "template-made")
        assert create(client, template(), "template-made") == made
        made.name = "Renamed"
        after = update(client, made, "name", request_id="template-changed")
        assert update(client, made, "name", request_id="template-changed") == after
        delete(client, made.template_id, "template-gone")
        delete(client, made.template_id, "template-gone")
        with pytest.raises(SidecarError) as caught:
            delete(client, made.template_id, "template-gone-again")
    assert caught.value.reason == "TEMPLATE_NOT_FOUND"


def test_of_writers_that_race_one_wins(running: Running) -> None:
    """All have read the same version; the others are told to read again."""
    outcomes: list[str] = []
    with running.client() as client:
        made = create(client, template())

        def write(number: int) -> None:
            sent = template(
                template_id=made.template_id, etag=made.etag, name=f"Name {number}"
            )
            try:
                update(client, sent, "name")
                outcomes.append("done")
            except SidecarError as error:
                outcomes.append(f"{error.code.name} {error.reason}")

        threads = [threading.Thread(target=write, args=(n,)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(outcomes) == ["ABORTED ETAG_MISMATCH"] * 5 + ["done"]


def test_another_workspace_has_none_of_it(running: Running) -> None:
    """It neither sees, changes nor removes a stranger's template."""
    with running.client() as client, running.client("elsewhere") as other:
        made = create(client, template())
        listed = other.policies.ListReplyTemplates(
            policy_pb2.ListReplyTemplatesRequest()
        ).templates
        assert made.template_id not in {item.template_id for item in listed}
        calls: list[Callable[[], object]] = [
            lambda: get(other, made.template_id),
            lambda: update(other, made, "name"),
            lambda: delete(other, made.template_id),
        ]
        for call in calls:
            with pytest.raises(SidecarError) as caught:
                call()
            assert caught.value.reason == "TEMPLATE_NOT_FOUND"
        assert get(client, made.template_id) == made


def test_built_in_templates_stay(running: Running) -> None:
    """They are code: neither changed nor removed."""
    known = BUILT_IN_TEMPLATES[0].id
    with running.client() as client:
        calls: list[Callable[[], object]] = [
            lambda: update(client, template(template_id=known, etag="x")),
            lambda: delete(client, known),
        ]
        for call in calls:
            with pytest.raises(SidecarError) as caught:
                call()
            assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT
        assert get(client, known).body == BUILT_IN_TEMPLATES[0].body


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("{greeting}\n\nHello.", "{steps} is missing"),
        ("Do this: {steps}", "paragraph of its own"),
        ("{steps}\nand more", "paragraph of its own"),
        ("{steps}\n\nDear {first_name}", "{first_name} is not a variable"),
        ("{steps}\n\n{customer.name}", "{customer.name} is not a variable"),
        ("{steps}\n\n{agent_name!r}", "{agent_name!r} is not a variable"),
        ("{steps}\n\n{{customer_name}}", "single braces"),
        ("{questions}\n\nBye.", "{steps} is missing"),
    ],
)
def test_a_body_that_could_not_be_filled_is_refused(
    running: Running, body: str, words: str
) -> None:
    """TEMPLATE_INVALID says what is wrong, when made and when changed."""
    with running.client() as client:
        made = create(client, template())
        changed = template(body=body, template_id=made.template_id, etag=made.etag)
        calls: list[Callable[[], object]] = [
            lambda: create(client, template(body=body)),
            lambda: update(client, changed),
        ]
        for call in calls:
            with pytest.raises(SidecarError) as caught:
                call()
            assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT
            assert caught.value.reason == "TEMPLATE_INVALID"
            assert any(words in v.description for v in caught.value.violations)
        assert get(client, made.template_id) == made
        delete(client, made.template_id)


def test_a_question_to_the_customer_needs_no_steps() -> None:
    """A clarification asks; its answer comes later."""
    built_in = [t for t in BUILT_IN_TEMPLATES if t.purpose.value == "clarification"]
    assert built_in
    for item in built_in:
        assert faults("{questions}\n\n{closing}", item.purpose) == ()


BROKEN: dict[str, Template] = {
    "template.template_id": template(template_id="mine"),
    "template.name": template(name="n" * 101),
    "template.body": template(body="{steps}\n\n" + "b" * 10_000),
    "template.purpose": template(purpose=99),
    "template.language": template(language="not a language"),
    "template.categories": template(categories=["billing", "account"]),
    "template.categories[0]": template(categories=["no_such_category"]),
    "template.severities": template(severities=[1, 2]),
    "template.severities[0]": template(severities=[99]),
    "template.tone": template(tone=assist_pb2.TONE_FORMAL),
}


@pytest.mark.parametrize("field", BROKEN)
def test_each_limit_names_its_field(running: Running, field: str) -> None:
    """One thing is wrong or could not be kept; exactly that field is named."""
    with running.client() as client, pytest.raises(SidecarError) as caught:
        create(client, BROKEN[field])
    assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT
    assert [v.field for v in caught.value.violations] == [field]


@pytest.mark.parametrize("name", ["name", "body", "enabled"])
def test_what_is_required_is_asked_for(running: Running, name: str) -> None:
    """Name, text and the switch must be there."""
    made = template()
    made.ClearField(name)  # type: ignore[arg-type]  # any field
    with running.client() as client, pytest.raises(SidecarError) as caught:
        create(client, made)
    assert [v.field for v in caught.value.violations] == [f"template.{name}"]
