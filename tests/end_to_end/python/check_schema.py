"""Checks records, a summary and a diagnosis against the schemas: check_schema.py SCHEMAS KIND FILE..."""

import json
import pathlib
import sys

import jsonschema
import referencing

folder, kind, *files = sys.argv[1:]


def strict(schema):
    """The schema as one that allows nothing that it doesn't name, so that no field is missing in it."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(part) for key, part in schema.items()}
    if isinstance(schema.get("properties"), dict) and "type" in schema:
        made.setdefault("additionalProperties", False)
    return made


schemas = {path.name: strict(json.loads(path.read_text())) for path in pathlib.Path(folder).glob("*.json")}
for schema in schemas.values():
    jsonschema.Draft202012Validator.check_schema(schema)
resources = [(name, referencing.Resource.from_contents(schema)) for name, schema in schemas.items()]
registry = referencing.Registry().with_resources(resources)
validator = jsonschema.Draft202012Validator(schemas[f"{kind}.json"], registry=registry)
checked = 0
for file in files:
    text = pathlib.Path(file).read_text()
    if kind == "record" and json.loads(text.partition("\n")[0])["header"]["schema"] < 3:
        continue  # Its schema was never published.
    for part in text.splitlines() if kind == "record" else [text]:
        value = json.loads(part)
        error = jsonschema.exceptions.best_match(validator.iter_errors(value))
        assert error is None, f"{file}: {error.json_path}: {error.message}\n{part[:500]}"
        # What is no line of a record, no summary and no diagnosis is none.
        assert not validator.is_valid({"other": value})
        checked += 1
print(checked)
