// Graphviz renders the diagrams.
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

        // Graphviz, not the picture, shows the phase of a node.
        const { objects } = JSON.parse(dot("json", `${ends}.dot`));
        const clusters = objects.filter((object) => object.nodes);
        const names = ({ nodes }) => nodes.map((node) => objects[node].name).sort();
        assert.deepEqual(
            clusters.map((cluster) => [cluster.name, names(cluster)]).sort(),
            nodes(ends).map(([phase, nodes]) => [`cluster_${phase}`, nodes]),
        );
    });
}
