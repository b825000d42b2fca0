// Reads a document with the generated types, which check it as it comes, and writes it back.
import { Convert } from "./messages.js";

const rewrite: Record<string, (json: string) => string> = {
    poll: (json) => Convert.pollToJson(Convert.toPoll(json)),
    job: (json) => Convert.jobEntityToJson(Convert.toJobEntity(json)),
    notification: (json) => Convert.notificationToJson(Convert.toNotification(json)),
    job_status: (json) => Convert.jobStatusMessageToJson(Convert.toJobStatusMessage(json)),
    tfa_request: (json) => Convert.tfaRequestMessageToJson(Convert.toTfaRequestMessage(json)),
    credential_request: (json) => Convert.credentialRequestMessageToJson(Convert.toCredentialRequestMessage(json)),
    tfa_response: (json) => Convert.tfaResponseMessageToJson(Convert.toTfaResponseMessage(json)),
    credential_response: (json) => Convert.credentialResponseMessageToJson(Convert.toCredentialResponseMessage(json)),
};

export function read(document: string, json: string): string {
    const name = document === "message" ? String(JSON.parse(json).type) : document;
    const other = (json: string) => Convert.unknownMessageToJson(Convert.toUnknownMessage(json));
    return (rewrite[name] ?? other)(json);
}
