// Tests types that don't exist at run time with the compiler: writes each line of the corpus as a constant of its type into
// a program, which then prints the constants. `node assign.mjs TSC...` in the directory of the types; TSC is the compiler.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const DOCUMENTS = { poll: "Poll", job: "JobEntity", notification: "Notification" };
const KINDS = {
    job_status: "JobStatusMessage",
    tfa_request: "TfaRequestMessage",
    credential_request: "CredentialRequestMessage",
    tfa_response: "TfaResponseMessage",
    credential_response: "CredentialResponseMessage",
};

const lines = readFileSync(0, "utf8").trimEnd().split("\n").map((text) => ({ text, ...JSON.parse(text) }));
const constants = lines.map(({ text, document, input }, index) => {
    const kind = ({ type }) => (KINDS[type] ? `messages.${KINDS[type]}` : "UnknownMessage");
    const isNewer = ({ type }) => !KINDS[type];
    // A poll's type has only the known kinds: if there is a newer one, each message has its own type.
    const type =
        document === "message" ? kind(input)
        : document === "poll" && input.some(isNewer) ? `[${input.map(kind).join(", ")}]`
        : `messages.${DOCUMENTS[document]}`;
    // The original text: in `input`, a number may have lost digits.
    return `export const line${index}: Line<${type}> = ${text};`;
});
const header = [
    'import type * as messages from "./messages.js";',
    'import type { UnknownMessage } from "./unknown_message.js";',
    "type Line<T> = { input: T; [field: string]: unknown };",
];
writeFileSync("lines.ts", [...header, ...constants, ""].join("\n"));

const [tsc, ...flags] = process.argv.slice(2);
const { stdout, error } = spawnSync(tsc, [...flags, "--pretty", "false", "lines.ts"], { encoding: "utf8" });
if (error) throw error;
const refused = new Map();
for (const line of stdout.split("\n").filter((line) => line.includes("error TS"))) {
    const [, number, message] = /^lines\.ts\((\d+),\d+\): error (.*)$/.exec(line) ?? [];
    if (number === undefined) throw new Error(line);
    refused.set(number - 1 - header.length, message);
}

const values = await import(pathToFileURL("out/lines.js"));
lines.forEach(({ name }, index) => {
    const refusal = refused.get(index);
    console.log(JSON.stringify(refusal ? { name, error: refusal } : { name, output: values[`line${index}`].input }));
});
