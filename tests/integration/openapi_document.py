"""docs/openapi.yaml, and what an answer has to do with it."""

import json

import jsonschema
import yaml

METHODS = ("get", "head", "post", "put", "delete", "options", "trace", "patch")
NOT_YET = "x-not-yet"
PROVEN_ELSEWHERE = "x-proven-elsewhere"
NO_CONTENT = None  # stands for the media type of a response without one


class OpenapiDocument:
    def __init__(self, path):
        self.root = yaml.safe_load(path.read_text())
        self.problem_types = self.root["components"]["schemas"]["problem_type"]
        self._resolver = jsonschema.RefResolver("", self.root)

    def operations(self):
        """(method, path) of each operation."""
        return [(method.upper(), path) for path, item in self.root["paths"].items()
                for method in METHODS if method in item]

    def listeners(self, path):
        """The names of the listeners that serve a path."""
        servers = self.root["paths"][path].get("servers", self.root["servers"])
        return [server["x-listener"] for server in servers]

    def responses(self, operation):
        """{status: response} of an operation, or of the requests outside all of them (None)."""
        if operation is None:
            found = self.root["x-other-requests"]["responses"]
        else:
            method, path = operation
            found = self.root["paths"][path][method.lower()]["responses"]
        return {int(status): self.resolve(response) for status, response in found.items()}

    def variants(self, operation):
        """{(status, media type): whether it must be provoked} of an operation."""
        return {(status, media_type): not (is_marked(response) or is_marked(content))
                for status, response in self.responses(operation).items()
                for media_type, content in contents_of(response)}

    def resolve(self, node):
        return self._resolver.resolve(node["$ref"])[1] if "$ref" in node else node

    def references(self):
        return [node["$ref"] for node in self.nodes() if isinstance(node.get("$ref"), str)]

    def nodes(self):
        """Every mapping in the document."""
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            if isinstance(node, dict):
                yield node
                waiting.extend(node.values())
            elif isinstance(node, list):
                waiting.extend(node)

    def errors(self, schema, instance):
        """What is wrong with `instance`, as texts."""
        validator = jsonschema.Draft202012Validator(schema, resolver=self._resolver)
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(instance)]

    def errors_of_answer(self, operation, answer):
        """What the document does not allow about an answer to `operation`, as texts."""
        response = self.responses(operation).get(answer.status)
        if response is None:
            return [f"status {answer.status} is not documented"]
        errors = self._errors_of_fields(response["headers"], answer.fields)
        if contents := response.get("content"):
            errors += self._errors_of_content(contents, answer)
        return errors

    def _errors_of_fields(self, headers, fields):
        # OpenAPI has Content-Type described by the keys of `content`.
        errors = [f"{name} is not documented" for name in fields
                  if name not in headers and name != "Content-Type"]
        for name, reference in headers.items():
            header = self.resolve(reference)
            if name not in fields:
                errors += [f"{name} is missing"] * header["required"]
                continue
            value = fields[name]
            if header["schema"].get("type") == "integer" and value.isdigit():
                value = int(value)
            errors += [f"{name}{error[1:]}" for error in self.errors(header["schema"], value)]
        return errors

    def _errors_of_content(self, contents, answer):
        media_type = answer.fields.get("Content-Type")
        if media_type not in contents:
            return [f"Content-Type {media_type!r} is not documented"]
        return self.errors(contents[media_type]["schema"], parse(media_type, answer.body))


def parse(media_type, body):
    text = body.decode()
    return json.loads(text) if media_type.endswith("json") else text


def contents_of(response):
    return response.get("content", {NO_CONTENT: {}}).items()


def is_marked(node):
    return NOT_YET in node or PROVEN_ELSEWHERE in node
