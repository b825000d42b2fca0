"""Writes a message of each kind with the generated types; a type checker accepts it."""

import json

import messages as m
from pydantic import BaseModel

ID = m.JobId(101)
WRITTEN: list[tuple[BaseModel, str]] = [
    (
        m.JobStatusMessage(
            type="job_status", job_id=ID, message=m.StatusBody(status=m.Status("AUTH"), percent_complete=22.5)
        ),
        '{"type":"job_status","job_id":101,"message":{"status":"AUTH","percent_complete":22.5}}',
    ),
    (
        m.TfaRequestMessage(type="tfa_request", job_id=m.JobId("1586"), envelope_id="e"),
        '{"type":"tfa_request","job_id":"1586","envelope_id":"e"}',
    ),
    (
        m.CredentialRequestMessage(
            type="credential_request", job_id=ID, envelope_id="e", message=m.RequestBody("please")
        ),
        '{"type":"credential_request","job_id":101,"envelope_id":"e","message":"please"}',
    ),
    (
        m.TfaResponseMessage(type="tfa_response", envelope_id="e", message="000000"),
        '{"type":"tfa_response","envelope_id":"e","message":"000000"}',
    ),
    (
        m.CredentialResponseMessage(type="credential_response", envelope_id="e", message="submitted"),
        '{"type":"credential_response","envelope_id":"e","message":"submitted"}',
    ),
]

for message, expected in WRITTEN:
    written = json.loads(message.model_dump_json(exclude_none=True))
    assert written == json.loads(expected), written
