"""Reads each line of the corpus with the generated types, and writes it back."""

import json
import sys

import messages
from pydantic import ValidationError

KINDS = {
    "job_status": messages.JobStatusMessage,
    "tfa_request": messages.TfaRequestMessage,
    "credential_request": messages.CredentialRequestMessage,
    "tfa_response": messages.TfaResponseMessage,
    "credential_response": messages.CredentialResponseMessage,
}
DOCUMENTS = {"poll": messages.Poll, "job": messages.JobEntity, "notification": messages.Notification}


def kind(name):
    return KINDS.get(name, messages.UnknownMessage)


def members(value):
    """The messages that a document carries."""
    if isinstance(value, messages.Poll):
        return value.root
    return getattr(value, "credential_requests", None) or []


for line in sys.stdin:
    item = json.loads(line)
    given = item["input"]
    model = DOCUMENTS.get(item["document"]) or kind(given["type"])
    result = {"name": item["name"]}
    try:
        value = model.model_validate_json(json.dumps(given))
        # A union has a member that takes nearly anything: it must not take what another one describes.
        for member in members(value):
            assert type(member.root) is kind(member.root.type), member
        result["output"] = json.loads(value.model_dump_json(exclude_none=True))
    except ValidationError as error:
        result["error"] = f"{error.error_count()} errors, the first: {error.errors()[0]['msg']}"
    print(json.dumps(result))
