"""validate(name, answer): whether an answer is as docs/json/NAME.json says."""

import functools
import json

import jsonschema
from builds import ROOT


@functools.cache
def _all():
    return {path.name: json.loads(path.read_text()) for path in (ROOT / 'docs' / 'json').glob('*.json')}


def validator(name):
    schema = _all()[f'{name}.json']
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema, resolver=jsonschema.RefResolver('', schema, store=_all()))


def validate(name, answer):
    """Raises with the path and the reason of the worst fault."""
    fault = jsonschema.exceptions.best_match(validator(name).iter_errors(answer))
    assert fault is None, f'{name}.json: {"/".join(map(str, fault.absolute_path))}: {fault.message}'
