import os
from datetime import datetime, timezone
from typing import Annotated, Literal

from fastapi import Depends, FastAPI, HTTPException, Query, Response
from fastapi.security import APIKeyHeader
from pydantic import BaseModel, ConfigDict, Field

app = FastAPI(title="Book shop", version="1.0")


def key(given: Annotated[str | None, Depends(APIKeyHeader(name="X-API-Key", auto_error=False))]):
    if given != os.environ["SHOP_KEY"]:
        raise HTTPException(401, "invalid key")


class Author(BaseModel):
    id: int
    name: str


class Book(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: int
    title: str = Field(min_length=1)
    price: float = Field(ge=0)
    status: Literal["available", "sold-out"]
    author_id: int
    added: datetime
    isbn: str | None


class Review(BaseModel):
    id: int
    book_id: int
    stars: int = Field(ge=1, le=5)


class Books(BaseModel):
    items: list[Book]
    total: int
    offset: int


class Error(BaseModel):
    detail: str


AUTHORS = {id: Author(id=id, name=f"Author {id}") for id in (1, 2, 3)}
BOOKS = {
    id: Book(
        id=id,
        title=f"Book {id}",
        price=id / 2,
        status="available" if id % 3 else "sold-out",
        author_id=id % 3 + 1,
        added=datetime(2026, 1, id, tzinfo=timezone.utc),
        isbn=None if id % 2 else f"978-{id:010}",
    )
    for id in range(1, 8)
}
REVIEWS = [Review(id=10 * id + n, book_id=id, stars=1 + (id + n) % 5) for id in BOOKS for n in range(2)]

SECURED = {"dependencies": [Depends(key)]}
UNAUTHORIZED = {401: {"model": Error}}
NOT_FOUND = {404: {"model": Error}}
TOTAL = {200: {"headers": {"X-Total-Count": {"required": True, "schema": {"type": "integer", "minimum": 0}}}}}


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/authors", responses=UNAUTHORIZED, **SECURED)
def list_authors() -> list[Author]:
    return list(AUTHORS.values())


@app.get("/authors/{author_id}", responses=UNAUTHORIZED | NOT_FOUND, **SECURED)
def get_author(author_id: int) -> Author:
    if author_id not in AUTHORS:
        raise HTTPException(404, "no such author")
    return AUTHORS[author_id]


@app.get("/books", responses=UNAUTHORIZED | TOTAL, **SECURED)
def list_books(response: Response, offset: int = 0, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> Books:
    response.headers["X-Total-Count"] = str(len(BOOKS))
    return Books(items=list(BOOKS.values())[offset : offset + limit], total=len(BOOKS), offset=offset)


@app.get("/books/{book_id}", responses=UNAUTHORIZED | NOT_FOUND, **SECURED)
def get_book(book_id: int) -> Book:
    if book_id not in BOOKS:
        raise HTTPException(404, "no such book")
    return BOOKS[book_id]


@app.get("/books/{book_id}/reviews", responses=UNAUTHORIZED | NOT_FOUND, **SECURED)
def list_reviews(book_id: int) -> list[Review]:
    if book_id not in BOOKS:
        raise HTTPException(404, "no such book")
    return [review for review in REVIEWS if review.book_id == book_id]


@app.get("/books/{book_id}/reviews/{review_id}", responses=UNAUTHORIZED | NOT_FOUND, **SECURED)
def get_review(book_id: int, review_id: int) -> Review:
    for review in REVIEWS:
        if (review.book_id, review.id) == (book_id, review_id):
            return review
    raise HTTPException(404, "no such review")
