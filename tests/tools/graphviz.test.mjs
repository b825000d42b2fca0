// Graphviz renders the pictures.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import test from "node:test";

import { JSDOM } from "jsdom";

import { arrows, file, nodes } from "./lifecycle.mjs";

const dot = (format, name) => execFileSync("dot", [`-T${format}`, file(name)], { encoding: "utf8" });

for (const ends of ["each", "grouped"]) {
    test(`Graphviz draws every arrow and every node, ends ${ends}`, () => {
        const { document } = new JSDOM(dot("svg", `${ends}.dot`), { contentType: "text/xml" }).window;
        const titles = (kind) =>
            [...document.querySelectorAll(`g.${kind} > title`)].map((title) => title.textContent).sort();
        assert.deepEqual(titles("edge"), arrows(ends).map((arrow) => arrow.replace(" ", "->")).sort());
        assert.deepEqual(titles("node"), nodes(ends).flatMap(([, nodes]) => nodes).sort());
        assert.deepEqual(titles("cluster"), nodes(ends).map(([phase]) => `cluster_${phase}`));
    });
}
