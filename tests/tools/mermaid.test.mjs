// Mermaid's own parser reads the diagrams.
import assert from "node:assert/strict";
import test from "node:test";

import { JSDOM } from "jsdom";

import { arrows, nodes, read, starts } from "./lifecycle.mjs";

// Mermaid expects the globals of a browser when it is loaded.
const { window } = new JSDOM("");
Object.assign(globalThis, { window, document: window.document });
const { default: mermaid } = await import("mermaid");

for (const ends of ["each", "grouped"]) {
    test(`Mermaid reads every arrow and every node, ends ${ends}`, async () => {
        const text = read(`${ends}.mmd`);
        assert.equal((await mermaid.parse(text)).diagramType, "stateDiagram");

        const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
        const relations = db.getRelations().map(({ id1, id2 }) => `${id1} ${id2}`);
        const expected = [...arrows(ends), ...starts.map((start) => `root_start ${start}`)];
        assert.deepEqual(relations.sort(), expected.sort());

        const phases = [...db.getStates().values()].filter((state) => state.doc);
        assert.deepEqual(phases.map(({ id, doc }) => [id, doc.map(({ id }) => id).sort()]).sort(), nodes(ends));
    });
}

test("Mermaid refuses what is no diagram", async () => {
    await assert.rejects(mermaid.parse(read("each.mmd").replace(" --> ", " -> ")));
});
