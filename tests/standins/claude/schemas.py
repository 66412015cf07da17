"""JSON schema as far as tools need it: which schemas the API takes, and whether a value fits one."""

from typing import Any

from tests.standins.claude.models import refuse

Schema = dict[str, Any]
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "integer": (int,),
    "number": (int, float), "boolean": (bool,), "null": (type(None),),
}  # fmt: skip
FORMATS = {
    "date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid", "text",
}  # fmt: skip
UNSUPPORTED = {
    "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
    "multipleOf", "maxItems", "uniqueItems", "patternProperties", "not", "if", "oneOf",
}  # fmt: skip


def check_strict(schema: Schema, where: str) -> None:
    """What grammar-constrained sampling can't hold to is refused, not ignored."""
    kind = schema.get("type")
    for key in sorted(UNSUPPORTED & schema.keys()):
        refuse(True, f"{where}: For '{kind}' type, property '{key}' is not supported")
    if kind == "object":
        refuse(
            schema.get("additionalProperties") is not False,
            f"{where}: For 'object' type, 'additionalProperties' must be explicitly set to false",
        )
        unknown = set(schema.get("required", [])) - schema.get("properties", {}).keys()
        refuse(unknown, f"{where}: required but not a property: {sorted(unknown)}")
    odd = schema.get("format") if kind == "string" else None
    refuse(odd and odd not in FORMATS, f"{where}: format '{odd}' is not supported")
    for name, part in _parts(schema):
        check_strict(part, f"{where}.{name}")


def _parts(schema: Schema) -> list[tuple[str, Schema]]:
    named = [*schema.get("properties", {}).items(), *schema.get("$defs", {}).items()]
    several = [("anyOf", part) for key in ("anyOf", "allOf") for part in schema.get(key, [])]
    items = [("items", schema["items"])] if isinstance(schema.get("items"), dict) else []
    return [*named, *several, *items]


def misfit(value: Any, schema: Schema, root: Schema | None = None) -> str | None:
    """Why the value doesn't fit, or None."""
    root = root or schema
    if "$ref" in schema:
        return misfit(value, root["$defs"][schema["$ref"].rsplit("/", 1)[-1]], root)
    if "anyOf" in schema:
        reasons = [misfit(value, part, root) for part in schema["anyOf"]]
        return None if None in reasons else f"{value!r}: {reasons}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{value!r} is none of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        return f"{value!r} is not {schema['const']!r}"
    return _misfit_of_type(value, schema, root)


def _misfit_of_type(value: Any, schema: Schema, root: Schema) -> str | None:
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is(value, kind) for kind in kinds):
        return f"{value!r} is not of type {kinds}"
    if isinstance(value, dict):
        return _misfit_of_object(value, schema, root)
    if isinstance(value, list) and "items" in schema:
        return next(filter(None, (misfit(each, schema["items"], root) for each in value)), None)
    return None


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool) and kind in ("integer", "number"):
        return False
    return isinstance(value, TYPES[kind])


def _misfit_of_object(value: dict[str, Any], schema: Schema, root: Schema) -> str | None:
    properties = schema.get("properties", {})
    missing = [name for name in schema.get("required", []) if name not in value]
    extra = value.keys() - properties.keys()
    if missing:
        return f"missing: {missing}"
    if extra and schema.get("additionalProperties") is False:
        return f"not allowed: {sorted(extra)}"
    known = (misfit(value[name], properties[name], root) for name in properties if name in value)
    return next(filter(None, known), None)


def example(schema: Schema, words: str, root: Schema | None = None) -> Any:
    """The smallest value that fits, with `words` where a text is wanted."""
    root = root or schema
    if "$ref" in schema:
        return example(root["$defs"][schema["$ref"].rsplit("/", 1)[-1]], words, root)
    if "anyOf" in schema:
        return example(schema["anyOf"][0], words, root)
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    if schema.get("type") == "object":
        properties = schema.get("properties", {})
        return {name: example(properties[name], words, root) for name in schema.get("required", [])}
    plain: dict[str, Any] = {
        "array": [],
        "string": words,
        "integer": 1,
        "number": 1,
        "boolean": False,
    }
    return plain.get(schema.get("type", "null"))
