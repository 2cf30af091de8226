"""Values that a schema of an OpenAPI document accepts, made at random."""

import copy
import random
import re

from jsonschema import Draft4Validator, Draft202012Validator

FORMATS = {
    "date-time": "2026-01-02T03:04:05Z",
    "date": "2026-01-02",
    "time": "03:04:05Z",
    "uuid": "0b7f2f0e-7a3c-4c8e-9d52-5f1f0a6f7c11",
    "email": "a@example.com",
    "uri": "https://example.com/a",
    "url": "https://example.com/a",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "byte": "YQ==",
}


class Sampler:
    def __init__(self, document, seed=0):
        self.document, self.random = document, random.Random(seed)
        is_new = str(document.get("openapi", "")).startswith("3.1")
        # Before OpenAPI 3.0.3, a branch that is only `nullable` is null.
        if str(document.get("openapi", "")) in ("3.0.0", "3.0.1", "3.0.2"):
            self.document = document = with_null_branches(copy.deepcopy(document))
        self.validated = document if is_new else with_null(copy.deepcopy(document))
        self.validator = Draft202012Validator if is_new else Draft4Validator

    def resolve(self, schema):
        seen = 0
        while isinstance(schema, dict) and "$ref" in schema and seen < 20:
            target = self.document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                part = part.replace("~1", "/").replace("~0", "~").replace("%7B", "{").replace("%7D", "}")
                target = target[int(part) if isinstance(target, list) else part]
            schema, seen = target, seen + 1
        return schema if isinstance(schema, dict) else {}

    def merged(self, schema):
        """The schema with the keywords of `allOf` and of one branch of each union."""
        schema = dict(self.resolve(schema))
        for keyword in ("allOf", "anyOf", "oneOf"):
            branches = schema.pop(keyword, [])
            if keyword != "allOf" and branches:
                known = [branch for branch in branches if self.resolve(branch).get("type") != "null"]
                branches = [self.random.choice(known or branches)]
            for branch in branches:
                branch = self.merged(branch)
                properties = {**schema.get("properties", {}), **branch.get("properties", {})}
                required = [*schema.get("required", []), *branch.get("required", [])]
                schema = {**schema, **branch}
                if properties:
                    schema["properties"] = properties
                if required:
                    schema["required"] = required
        return schema

    def value(self, schema, optional=True, depth=0):
        """A value. `optional` is whether objects have some of their optional properties."""
        schema = self.merged(schema)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return self.random.choice([value for value in schema["enum"] if value is not None] or [None])
        types = schema.get("type")
        if isinstance(types, list):
            types = next((type_ for type_ in types if type_ != "null"), "null")
        if types is None:
            types = "object" if "properties" in schema else "array" if "items" in schema else "string"
        return getattr(self, types)(schema, optional, depth)

    def object(self, schema, optional, depth):
        value = {}
        for key, property_ in schema.get("properties", {}).items():
            if self.resolve(property_).get("readOnly"):
                continue
            wanted = optional and depth < 3 and self.random.random() < 0.6
            if key in schema.get("required", []) or wanted:
                if depth > 12:
                    raise RecursionError
                value[key] = self.value(property_, optional, depth + 1)
        more = schema.get("additionalProperties")
        least = schema.get("minProperties", 0)
        if (isinstance(more, dict) and optional and depth < 3) or len(value) < least:
            for index in range(max(1, least - len(value))):
                value[f"key{index}"] = self.value(more if isinstance(more, dict) else {}, optional, depth + 1)
        return value

    def array(self, schema, optional, depth):
        least = schema.get("minItems", 0)
        count = max(least, min(self.random.randint(0, 2), schema.get("maxItems", 2))) if depth < 4 else least
        return [self.value(schema.get("items", {}), optional, depth + 1) for _ in range(count)]

    def string(self, schema, optional, depth):
        if schema.get("format") in FORMATS:
            return FORMATS[schema["format"]]
        known = [schema.get("example"), schema.get("default"), *(schema.get("examples") or [])]
        known = [text for text in known if isinstance(text, str)]
        if known and "pattern" in schema:
            return known[0]
        text = self.random.choice(["a", "A b", "\u00e9\"\\", "9"]) if "pattern" not in schema else of_pattern(schema["pattern"])
        text += "x" * max(0, schema.get("minLength", 0) - len(text))
        return text[: schema.get("maxLength", len(text))]

    def integer(self, schema, optional, depth):
        least, most = schema.get("minimum", 0), schema.get("maximum", 100)
        least, most = int(min(least, most)), int(max(least, most))
        step = int(schema.get("multipleOf", 1)) or 1
        low, high = -(-least // step), most // step
        return step * self.random.randint(low, max(low, min(high, low + 100)))

    def number(self, schema, optional, depth):
        return self.integer(schema, optional, depth) + (0.5 if "multipleOf" not in schema and "maximum" not in schema else 0)

    def boolean(self, schema, optional, depth):
        return self.random.random() < 0.5

    def null(self, schema, optional, depth):
        return None

    def is_valid(self, pointer, value):
        """Whether an independent validator accepts the value under the schema at a pointer."""
        schema = {**self.validated, "$ref": "#" + pointer} if self.validator is Draft202012Validator else self.validated
        try:
            if self.validator is Draft202012Validator:
                return self.validator(schema).is_valid(value)
            from jsonschema import RefResolver

            return self.validator({"$ref": "#" + pointer}, resolver=RefResolver("", schema)).is_valid(value)
        except Exception:
            return False


def of_pattern(pattern):
    """A text for simple patterns: one letter for each class, as often as its count says."""
    inner = pattern.strip("^$")
    text = ""
    for class_, letter, least in re.findall(r"(\[[^\]]*\]|\\[dws])|([\w\-:/.@])(?:\{(\d+))?", inner):
        text += letter or ("1" if "0-9" in class_ or class_ == "\\d" else "a")
    return text or "a"


def with_null(schema):
    """OpenAPI 3.0 to JSON Schema: `nullable` is a type."""
    if isinstance(schema, list):
        return [with_null(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("nullable") is True and isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
    return {key: with_null(value) for key, value in schema.items()}


def with_null_branches(schema):
    """The schema whose branches that are only `nullable` have the type null."""
    if isinstance(schema, list):
        return [with_null_branches(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {key: with_null_branches(value) for key, value in schema.items()}
    for keyword in ("anyOf", "oneOf"):
        if isinstance(schema.get(keyword), list):
            schema[keyword] = [{"type": "null"} if branch == {"nullable": True} else branch for branch in schema[keyword]]
    return schema
