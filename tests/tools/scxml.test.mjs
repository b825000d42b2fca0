// SCION, an interpreter of SCXML, runs the printed document unchanged.
import assert from "node:assert/strict";
import test from "node:test";
import { promisify } from "node:util";

import scion from "@scion-scxml/scxml";

import { everything, read, walk } from "./lifecycle.mjs";

const text = read("lifecycle.scxml");

/** The compiled document. */
async function compile(text) {
    const model = await promisify(scion.documentStringToModel)("", text);
    return promisify(model.prepare.bind(model))();
}

/** The document with another initial state, for a job that begins in INITIATED. */
const startingIn = (start) => text.replace(' initial="REQUESTED"', ` initial="${start}"`);

test("SCION walks every transition and refuses every other event", async () => {
    const models = { REQUESTED: await compile(text), INITIATED: await compile(startingIn("INITIATED")) };
    const begin = (start) => {
        const machine = new scion.core.Statechart(models[start]);
        machine.start();
        return {
            send: (name) => machine.gen({ name }),
            status: () => {
                const [status, ...others] = machine.getConfiguration();
                assert.deepEqual(others, []);
                return status;
            },
            isDone: () => machine.isFinal(),
        };
    };
    assert.deepEqual(walk(begin), everything);
});

test("SCION refuses a document that is cut short", async () => {
    await assert.rejects(compile(text.slice(0, text.length / 2)));
});
