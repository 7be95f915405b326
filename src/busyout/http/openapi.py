"""The OpenAPI 3.1 document of a face, made from its routes and its table of statuses."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec

from busyout.domain.errors import BusyoutError, NotAuthenticated, NotPermitted, TooManyAttempts
from busyout.http.faults import (
    BodyTooLarge,
    ForeignOrigin,
    MalformedBody,
    MalformedRequest,
    NoSuchResource,
    NotAcceptable,
    ServerFault,
)
from busyout.http.route import JSON, Face, Route, status_of

REFERENCE = "#/components/schemas/{name}"

Document = dict[str, Any]


def document(face: Face, *, title: str, version: str, error: type[msgspec.Struct]) -> Document:
    """The document; `error` is the type of the body of every refusal."""
    types = _types(face, error)
    schemas, components = msgspec.json.schema_components(types, ref_template=REFERENCE)
    schema_of = {id(kind): schema for kind, schema in zip(types, schemas, strict=True)}
    paths: dict[str, Document] = {}
    for route in face.routes:
        described = _operation(face, route, schema_of, schema_of[id(error)])
        paths.setdefault(route.path.replace(":path}", "}"), {})[route.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": {"basic": {"type": "http", "scheme": "basic"}}},
    }


def _types(face: Face, error: type[msgspec.Struct]) -> tuple[Any, ...]:
    found: dict[int, Any] = {id(error): error}
    for route in face.routes:
        for kind in (route.body, *route.answers.values()):
            if kind is not None:
                found[id(kind)] = kind
    return tuple(found.values())


def _operation(face: Face, route: Route, schema_of: Mapping[int, Document], error: Document) -> Document:
    responses = {str(status): _success(route, status, schema_of) for status in route.answers}
    for refusal in _refusals(route):
        status = status_of(face.statuses, refusal)
        responses.setdefault(str(status), _answer(HTTPStatus(status).phrase, face.error_type, error))
    described: Document = {
        "summary": route.summary,
        "operationId": re.sub(r"\W+", "_", f"{route.method.lower()}{route.path.replace(':path', '')}").strip("_"),
        "parameters": _parameters(route),
        "responses": responses,
    }
    if route.level is not None:
        described["security"] = [{"basic": []}]
    if route.body is not None:
        content = {JSON: {"schema": schema_of[id(route.body)]}}
        described["requestBody"] = {"required": route.default is None, "content": content}
    return described


def _refusals(route: Route) -> list[type[BusyoutError]]:
    refusals: list[type[BusyoutError]] = [*route.refuses, NotAcceptable, ServerFault]
    if route.level is not None:
        refusals += [NotAuthenticated, TooManyAttempts, NotPermitted]
    if "{" in route.path:
        refusals.append(NoSuchResource)
    if route.query is not None:
        refusals.append(MalformedRequest)
    if route.body is not None:
        refusals += [MalformedBody, BodyTooLarge]
    if route.method != "GET":
        refusals.append(ForeignOrigin)
    return refusals


def _success(route: Route, status: int, schema_of: Mapping[int, Document]) -> Document:
    kind, phrase = route.answers[status], HTTPStatus(status).phrase
    if route.produces != JSON:
        return _answer(phrase, route.produces, {"type": "string"})
    return {"description": phrase} if kind is None else _answer(phrase, JSON, schema_of[id(kind)])


def _answer(phrase: str, media_type: str, schema: Document) -> Document:
    return {"description": phrase, "content": {media_type: {"schema": schema}}}


def _parameters(route: Route) -> list[Document]:
    names = re.findall(r"{(\w+)", route.path)
    text = {"type": "string"}
    found: list[Document] = [{"name": name, "in": "path", "required": True, "schema": text} for name in names]
    found += [{"name": name, "in": "header", "required": False, "schema": text} for name in route.headers]
    if route.query is not None:
        schema, components = msgspec.json.schema_components((route.query,))
        properties = components[schema[0]["$ref"].rpartition("/")[2]]["properties"]
        found += [
            {"name": name, "in": "query", "required": False, "schema": shape} for name, shape in properties.items()
        ]
    return found
