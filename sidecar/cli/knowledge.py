"""Commands about knowledge: add, list, search, delete, reindex."""

from __future__ import annotations

import time

import click

from sidecar.cli.connection import PATIENT, connect
from sidecar.cli.console import (
    as_dict,
    json_option,
    one_line,
    say,
    show_heading,
    show_json,
    show_table,
    word,
)
from sidecar.cli.kb_add import add

_PAGE = 200
MODES = ("hybrid", "vector", "keyword")


@click.group()
def kb() -> None:
    """Add, search and remove what the team knows."""


kb.add_command(add)


@kb.command("list")
@click.option("--source", default="", help="Only this collection.")
@click.option("--text", default="", help="Words of the title or the file's name.")
@click.option("--limit", "-n", type=click.IntRange(1, 100_000), default=1000)
@json_option
def list_documents(source: str, text: str, limit: int, as_json: bool) -> None:
    """List documents.

    \b
    Examples:
      deskside kb list --source handbook
      deskside kb list --json

    Exit status: 0 done, 1 failed, 2 wrong use.
    """
    from sidecar.v1 import knowledge_pb2

    request = knowledge_pb2.ListDocumentsRequest(
        page_size=min(_PAGE, limit), sources=[source] if source else [], text=text
    )
    found: list[knowledge_pb2.Document] = []
    with connect() as client:
        while len(found) < limit:
            page = client.knowledge.ListDocuments(request)
            found.extend(page.documents)
            request.page_token = page.next_page_token
            if not request.page_token:
                break
    more = bool(request.page_token) or len(found) > limit
    found = found[:limit]
    if as_json:
        show_json({"documents": [as_dict(item) for item in found], "more": more})
        return
    show_table(
        ["id", "state", "visible", "lang", "source", "title"],
        [
            [
                *(item.document_id, word(item, "state"), word(item, "visibility")),
                *(item.language, item.source, item.title),
            ]
            for item in found
        ],
    )


@kb.command()
@click.argument("query")
@click.option("--top", "-n", type=click.IntRange(1, 50), default=5, show_default=True)
@click.option("--mode", type=click.Choice(MODES), default="hybrid", show_default=True)
@click.option("--source", "sources", multiple=True, help="Only this collection.")
@click.option("--language", "languages", multiple=True, help="Only this language.")
@click.option("--public", is_flag=True, help="Only what customers may read.")
@json_option
def search(
    query: str,
    top: int,
    mode: str,
    sources: tuple[str, ...],
    languages: tuple[str, ...],
    public: bool,
    as_json: bool,
) -> None:
    """Find the passages that answer a question, by words and by meaning.

    Says "not answerable" when what was found probably does not answer it.

    \b
    Examples:
      deskside kb search "how long do refunds take"
      deskside kb search E-57 --mode keyword --public --json

    Exit status: 0 done (also when nothing is found), 1 failed, 2 wrong use.
    """
    if not query.strip():
        raise click.UsageError("The query is empty.")
    with connect() as client:
        from sidecar.v1 import assist_pb2, common_pb2

        audience = "CUSTOMER" if public else "AGENT"
        answer = client.assist.Retrieve(
            assist_pb2.RetrieveRequest(
                query=query,
                top_k=top,
                mode=assist_pb2.RetrievalMode.Value(f"RETRIEVAL_MODE_{mode.upper()}"),
                filters=assist_pb2.RetrieveFilters(
                    sources=sources,
                    languages=languages,
                    audience=common_pb2.Audience.Value(f"AUDIENCE_{audience}"),
                ),
            ),
            timeout=PATIENT,
        )
    if as_json:
        show_json(answer)
        return
    verdict = "answerable" if answer.answerable else "not answerable"
    say(f"{verdict} ({answer.confidence:.0%}), by {word(answer, 'mode')}")
    for number, passage in enumerate(answer.passages, 1):
        say()
        marks = [word(passage, "visibility"), *(["stale"] if passage.stale else [])]
        show_heading(f"{number}. {passage.title}  {passage.score:.2f}")
        say(f"   {passage.source}, {', '.join(marks)}  {passage.url}".rstrip())
        say(f"   {one_line(passage.text, 300)}")


@kb.command()
@click.argument("document_ids", nargs=-1, required=True, metavar="ID...")
@json_option
def delete(document_ids: tuple[str, ...], as_json: bool) -> None:
    """Remove documents; no search finds them from then on.

    \b
    Example:
      deskside kb delete doc_0123

    Exit status: 0 done, 1 failed (also: not there), 2 wrong use.
    """
    from sidecar.v1 import knowledge_pb2

    removed = []
    with connect() as client:
        for document_id in document_ids:
            answer = client.knowledge.DeleteDocument(
                knowledge_pb2.DeleteDocumentRequest(document_id=document_id)
            )
            removed.append({"document_id": document_id, **as_dict(answer)})
    if as_json:
        show_json({"deleted": removed})
    else:
        say(f"{len(removed)} deleted.")


@kb.command()
@click.option("--wait/--no-wait", default=True, help="Wait until it is done. [yes]")
@json_option
def reindex(wait: bool, as_json: bool) -> None:
    """Build the index anew from the stored documents; searches go on meanwhile.

    Needed after the embedding model was changed, or when `doctor` says so.

    \b
    Example:
      deskside kb reindex --no-wait

    Exit status: 0 done, 1 failed, 2 wrong use.
    """
    from sidecar.v1 import common_pb2, insight_pb2, knowledge_pb2

    running = (common_pb2.JOB_STATE_PENDING, common_pb2.JOB_STATE_RUNNING)
    with connect() as client:
        job = client.knowledge.ReindexDocuments(
            knowledge_pb2.ReindexDocumentsRequest()
        ).job
        while wait and job.state in running:
            time.sleep(0.2)
            request = insight_pb2.GetJobRequest(job_id=job.job_id)
            job = client.insight.GetJob(request).job
    if as_json:
        show_json({"job": as_dict(job)})
    else:
        say(f"Job {job.job_id}: {word(job, 'state')} {job.error_message}".rstrip())
    if job.state == common_pb2.JOB_STATE_FAILED:
        click.get_current_context().exit(1)
