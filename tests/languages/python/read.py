"""Reads each line of the corpus with the generated types, and writes it back."""

import json
import sys

import messages
from pydantic import ValidationError

KINDS = {
    "job_status": messages.JobStatusMessage,
    "tfa_request": messages.TfaRequestMessage,
    "credential_request": messages.CredentialRequestMessage,
    "initial_account_link": messages.InitialAccountLinkMessage,
    "tfa": messages.TfaMessage,
    "tfa_message": messages.TfaMessageMessage,
    "security": messages.SecurityMessage,
    "tfa_response": messages.TfaResponseMessage,
    "credential_response": messages.CredentialResponseMessage,
}
DOCUMENTS = {"poll": messages.Poll, "job": messages.JobEntity, "notification": messages.Notification}


def dump(value):
    return json.loads(value.model_dump_json(exclude_none=True))


def read(message):
    """A message by its type: a malformed one of a known kind is an error, and never one of an unknown kind."""
    return dump(KINDS.get(message["type"], messages.UnknownMessage).model_validate_json(json.dumps(message)))


def read_document(document, given):
    if document == "message":
        return read(given)
    carried = given if document == "poll" else given.get("credential_requests") or []
    if all(message["type"] in KINDS for message in carried):
        return dump(DOCUMENTS[document].model_validate_json(json.dumps(given)))
    # The types of payloads have only the known kinds: if there is a newer one, each message is read by its own type.
    by_type = [read(message) for message in carried]
    if document == "poll":
        return by_type
    return read_document(document, given | {"credential_requests": None}) | {"credential_requests": by_type}


for line in sys.stdin:
    item = json.loads(line)
    result = {"name": item["name"]}
    try:
        result["output"] = read_document(item["document"], item["input"])
    except ValidationError as error:
        result["error"] = f"{error.error_count()} errors, the first: {error.errors()[0]['msg']}"
    print(json.dumps(result))
