// Reads a document with the generated types, which check it at run time, and writes it back. Messages are read one by one,
// each by its `type`: in the types of payloads, one type has the fields of all known kinds.
import { Convert } from "./messages.js";

const rewrite: Record<string, (json: string) => string> = {
    job: (json) => Convert.jobEntityToJson(Convert.toJobEntity(json)),
    notification: (json) => Convert.notificationToJson(Convert.toNotification(json)),
    job_status: (json) => Convert.jobStatusMessageToJson(Convert.toJobStatusMessage(json)),
    tfa_request: (json) => Convert.tfaRequestMessageToJson(Convert.toTfaRequestMessage(json)),
    credential_request: (json) => Convert.credentialRequestMessageToJson(Convert.toCredentialRequestMessage(json)),
    initial_account_link: (json) => Convert.initialAccountLinkMessageToJson(Convert.toInitialAccountLinkMessage(json)),
    tfa: (json) => Convert.tfaMessageToJson(Convert.toTfaMessage(json)),
    tfa_message: (json) => Convert.tfaMessageMessageToJson(Convert.toTfaMessageMessage(json)),
    security: (json) => Convert.securityMessageToJson(Convert.toSecurityMessage(json)),
    tfa_response: (json) => Convert.tfaResponseMessageToJson(Convert.toTfaResponseMessage(json)),
    credential_response: (json) => Convert.credentialResponseMessageToJson(Convert.toCredentialResponseMessage(json)),
};

export function read(document: string, json: string): string {
    const value = JSON.parse(json);
    if (document === "poll") return each(value);
    if (document === "message") {
        const other = (json: string) => Convert.unknownMessageToJson(Convert.toUnknownMessage(json));
        return (rewrite[String(value.type)] ?? other)(json);
    }
    const { credential_requests, ...others } = value;
    const written = JSON.parse(rewrite[document](JSON.stringify(others)));
    if (credential_requests) written.credential_requests = JSON.parse(each(credential_requests));
    return JSON.stringify(written);
}

const each = (messages: unknown[]) => `[${messages.map((message) => read("message", JSON.stringify(message))).join()}]`;
