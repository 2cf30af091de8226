import json
import pathlib

import pytest

from charter import Contract

pytest_plugins = ["pytester"]

PARCELS = {
    "openapi": "3.1.0",
    "info": {"title": "Parcels", "version": "1"},
    "paths": {
        "/parcels/{id}": {
            "get": {
                "operationId": "parcels.get",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {
                    "200": {
                        "description": "A parcel.",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["id", "weight"],
                                    "properties": {"id": {"type": "string"}, "weight": {"type": "number", "minimum": 0}},
                                }
                            }
                        },
                    },
                    "204": {"description": "No parcel."},
                },
            }
        },
        "/parcels": {
            "post": {
                "operationId": "parcels.create",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"type": "object", "required": ["weight"]}}},
                },
                "responses": {"204": {"description": "Created."}},
            }
        },
        "/labels/{id}": {
            "get": {
                "operationId": "labels.get",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {
                    "200": {
                        "description": "A label.",
                        "headers": {"Content-Encoding": {"required": True, "schema": {"enum": ["gzip", "deflate"]}}},
                        "content": {"application/octet-stream": {"schema": {"type": "string", "maxLength": 10}}},
                    }
                },
            }
        },
    },
}


@pytest.fixture(scope="session")
def parcels(tmp_path_factory) -> pathlib.Path:
    path = tmp_path_factory.mktemp("contract") / "openapi.json"
    path.write_text(json.dumps(PARCELS))
    return path


@pytest.fixture(scope="session")
def bodies(parcels):
    """A contract, a body that keeps it, and one that does not."""
    kept = b'{"id": "parcel_1", "weight": 12.5}'
    return Contract(parcels, operation="parcels.get"), kept, kept.replace(b"12.5", b"-1")
