"""The book shop of docs/book/src/probe.in, with one planted fault below each base path /FAULT. Its name is a key of FAULTS."""

import gzip
import json
import re
from dataclasses import dataclass
from typing import Callable

from app import BOOKS as SHOP_BOOKS
from app import app as shop

BOOK = re.compile(r"/books/\d+")
BOOKS = re.compile(r"/books")
REVIEWS = re.compile(r"/books/\d+/reviews")
REVIEW = re.compile(r"/books/\d+/reviews/\d+")
AUTHOR = re.compile(r"/authors/\d+")
AUTHORS = re.compile(r"/authors")
HEALTH = re.compile(r"/health")

FIRST = SHOP_BOOKS[1].model_dump_json().encode()


@dataclass
class Reply:
    """A response, and the request as far as faults depend on it."""

    path: str
    query: dict[str, str]
    has_key: bool
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self):
        return json.loads(self.body)

    def replace(self, value):
        self.body = json.dumps(value).encode()


@dataclass
class Fault:
    path: re.Pattern
    """The whole path of the requests whose responses have the fault."""
    change: Callable[[Reply], None]
    finding: str
    """The only finding id of the report. Without findings, a part of the error."""
    status: int = 200
    """Only responses with this status have the fault."""
    count: int = 0
    """The number of findings with this id."""
    is_error: bool = False
    """Whether a resource could not be fetched, so that the probe exits with 3."""
    is_warning: bool = False
    """Whether the finding is a warning, so that the probe exits with 0."""


def member(change):
    """Changes the JSON body."""

    def changed(reply):
        value = reply.json()
        change(value)
        reply.replace(value)

    return changed


def of_book(id, change):
    """Changes the JSON body of one book only."""

    def changed(reply):
        if reply.path == f"/books/{id}":
            change(reply)

    return changed


def in_page(offset, change):
    """Changes one page of the books only."""

    def changed(reply):
        if reply.query.get("offset", "0") == str(offset):
            change(reply)

    return changed


def on_reply(**changes):
    return lambda reply: [setattr(reply, name, value) for name, value in changes.items()]


def header(name, value):
    def changed(reply):
        if value is None:
            reply.headers.pop(name, None)
        else:
            reply.headers[name] = value

    return changed


def update(**members):
    return member(lambda value: value.update(members))


def accepted(body):
    """The response to a request that the server should have refused."""
    return on_reply(status=200, body=body)


FAULTS = {
    # Statuses.
    "teapot": Fault(BOOK, of_book(5, on_reply(status=418)), "http.undocumented-status", count=1, is_error=True),
    "created": Fault(REVIEWS, on_reply(status=201), "http.undocumented-status", count=7),
    "missing-item": Fault(BOOK, of_book(4, on_reply(status=404, body=b'{"detail": "no such book"}')), "status 404", is_error=True),
    "forbidden": Fault(AUTHOR, on_reply(status=403, body=b'{"detail": "no"}'), "http.undocumented-status", count=3, is_error=True),
    # Media types and header fields.
    "text": Fault(AUTHORS, header("content-type", "text/plain"), "http.content-type", count=1),
    "no-media-type": Fault(HEALTH, header("content-type", None), "http.missing-content-type", count=1, is_warning=True),
    "html": Fault(REVIEW, lambda reply: (header("content-type", "text/html")(reply), on_reply(body=b"<p>")(reply)), "http.content-type", count=14),
    "no-total": Fault(BOOKS, header("x-total-count", None), "http.missing-header", count=4),
    "negative-total": Fault(BOOKS, in_page(3, header("x-total-count", "-1")), "http.header", count=1),
    "wrong-total": Fault(BOOKS, header("x-total-count", "many"), "http.header", count=4),
    # Bodies.
    "no-title": Fault(BOOK, member(lambda book: book.pop("title")), "schema.required", count=7),
    "last-page": Fault(BOOKS, in_page(6, member(lambda page: page["items"][0].pop("isbn"))), "schema.required", count=1),
    "text-id": Fault(AUTHOR, member(lambda author: author.update(id=str(author["id"]))), "schema.type", count=3),
    "text-price": Fault(BOOK, of_book(7, update(price="3.50")), "schema.type", count=1),
    "null-title": Fault(BOOK, of_book(2, update(title=None)), "schema.type", count=1),
    "unknown-member": Fault(BOOK, of_book(6, update(cost=1)), "schema.additionalProperties", count=1),
    "unknown-status": Fault(BOOK, of_book(3, update(status="lost")), "schema.enum", count=1),
    "empty-title": Fault(BOOK, of_book(1, update(title="")), "schema.minLength", count=1),
    "negative-price": Fault(BOOK, of_book(1, update(price=-1)), "schema.minimum", count=1),
    "six-stars": Fault(REVIEW, member(lambda review: review.update(stars=6)), "schema.maximum", count=14),
    "no-stars": Fault(REVIEWS, member(lambda reviews: [review.update(stars=0) for review in reviews]), "schema.minimum", count=14),
    "date": Fault(BOOK, of_book(5, update(added="yesterday")), "schema.format", count=1),
    "object": Fault(AUTHORS, on_reply(body=b"{}"), "schema.type", count=1),
    "number-of-health": Fault(HEALTH, on_reply(body=b'{"status": 1}'), "schema.type", count=1),
    "error-body": Fault(BOOK, on_reply(body=b'{"message": "?"}'), "schema.required", status=404, count=1),
    # Syntax.
    "cut": Fault(BOOK, of_book(4, lambda reply: setattr(reply, "body", reply.body[:20])), "syntax.json", count=1),
    "empty": Fault(AUTHOR, on_reply(body=b""), "syntax.json", count=3),
    "two-ids": Fault(AUTHOR, lambda reply: setattr(reply, "body", b'{"id": 1, ' + reply.body[1:]), "syntax.json", count=3),
    "not-gzip": Fault(BOOK, of_book(2, header("content-encoding", "gzip")), "content coding `gzip`", is_error=True),
    # Rules.
    "other-book": Fault(BOOK, of_book(2, update(id=3)), "book.requested-id", count=1),
    "long-page": Fault(BOOKS, in_page(0, member(lambda page: page["items"].append(dict(page["items"][0], id=4)))), "books.page-size", count=1),
    "short-page": Fault(BOOKS, in_page(3, member(lambda page: page["items"].pop())), "books.page-complete", count=1),
    "first-page": Fault(BOOKS, in_page(3, update(offset=0)), "books.page-offset", count=1),
    "other-reviews": Fault(REVIEWS, member(lambda reviews: reviews[0].update(book_id=99)), "reviews.of-the-book", count=7),
    # Requests that the server must refuse.
    "open": Fault(AUTHORS, accepted(b"[]"), "http.not-refused", status=401, count=2),
    "any-key": Fault(BOOK, lambda reply: reply.has_key and accepted(FIRST)(reply), "http.not-refused", status=401, count=1),
    "unknown-author": Fault(AUTHOR, accepted(b'{"id": 1, "name": "a"}'), "http.not-refused", status=404, count=1),
}


def compressed(reply):
    """A content coding of a right response: no fault."""
    reply.headers["content-encoding"] = "gzip"
    reply.body = gzip.compress(reply.body)


async def app(scope, receive, send):
    if scope["type"] != "http":
        return await shop(scope, receive, send)
    _, name, path = scope["path"].split("/", 2)
    path = f"/{path}"
    parts = {}

    async def collect(message):
        if message["type"] == "http.response.start":
            parts.update(status=message["status"], headers={name.decode(): value.decode() for name, value in message["headers"]})
        else:
            parts["body"] = parts.get("body", b"") + message.get("body", b"")

    await shop(dict(scope, path=path, raw_path=path.encode()), receive, collect)
    query = dict(part.split("=", 1) for part in scope["query_string"].decode().split("&") if part)
    has_key = any(name == b"x-api-key" for name, _ in scope["headers"])
    reply = Reply(path, query, has_key, parts["status"], parts["headers"], parts.get("body", b""))
    if name == "right":
        compressed(reply)
    elif (fault := FAULTS[name]).path.fullmatch(path) and reply.status == fault.status:
        fault.change(reply)
    reply.headers["content-length"] = str(len(reply.body))
    headers = [(name.encode(), value.encode()) for name, value in reply.headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
