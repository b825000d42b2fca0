// The JSON document, which the other exports are compared with, and what the tests ask of it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Where an export was printed to. */
export const file = (name) => join(process.env.EXPORTS, name);

/** The text of an export. */
export const read = (name) => readFileSync(file(name), "utf8");

export const { statuses, transitions } = JSON.parse(read("lifecycle.json"));
assert.equal(statuses.length, 46);
assert.equal(transitions.length, 223);

/** The statuses that a job begins in: those that nothing leads to, and the default. */
export const starts = ["REQUESTED", "INITIATED"];

/** The row of a status. */
export const row = new Map(statuses.map((row) => [row.status, row]));

/** The basis of a transition, or undefined where there is none. */
const bases = new Map(transitions.map(({ from, to, basis }) => [`${from} ${to}`, basis]));
export const basis = (from, to) => bases.get(`${from} ${to}`);

/** To each status a start and the legal events from there to it, as few as it takes. */
export const ways = (() => {
    const ways = new Map(starts.map((start) => [start, { start, events: [] }]));
    // A map hands out what is added while it is walked: this goes on until nothing new is found.
    for (const [at, { start, events }] of ways) {
        for (const { from, to } of transitions) {
            if (from === at && !ways.has(to)) ways.set(to, { start, events: [...events, to] });
        }
    }
    assert.equal(ways.size, statuses.length);
    return ways;
})();

/**
 * Walks a machine from every status by every event: along each of the legal transitions, and against each of the
 * pairs that are none. `begin` starts a machine in a status that jobs begin in; what it gives has `send(event)`,
 * `status()` and `isDone()`. Returns how many transitions were walked and how many events were refused.
 */
export function walk(begin) {
    let walked = 0;
    let refused = 0;
    for (const { status: from } of statuses) {
        for (const { status: to } of statuses) {
            const { start, events } = ways.get(from);
            const machine = begin(start);
            events.forEach((event) => machine.send(event));
            assert.equal(machine.status(), from);
            assert.equal(machine.isDone(), row.get(from).phase === "terminated", from);

            const isLegal = basis(from, to) !== undefined;
            machine.send(to);
            assert.equal(machine.status(), isLegal ? to : from, `${to} in ${from}`);
            assert.equal(machine.isDone(), row.get(machine.status()).phase === "terminated");
            if (isLegal) walked += 1;
            else refused += 1;
        }
    }
    return { walked, refused };
}

/** Every transition, and every other pair of statuses, a heartbeat among them. */
export const everything = { walked: 223, refused: 46 * 46 - 223 };

/** The arrows of a picture as sorted texts, each once: whole, or with the ends of a termination type as one. */
export function arrows(ends) {
    const node = (status) => (ends === "grouped" && row.get(status).termination_type) || status;
    return [...new Set(transitions.map(({ from, to }) => `${from} ${node(to)}`))].sort();
}

/** The nodes of a picture by phase, sorted, as [phase, [node, …]]. */
export function nodes(ends) {
    const phases = new Map();
    for (const { status, phase, termination_type } of statuses) {
        const node = (ends === "grouped" && termination_type) || status;
        phases.set(phase, (phases.get(phase) ?? new Set()).add(node));
    }
    return [...phases].map(([phase, nodes]) => [phase, [...nodes].sort()]).sort();
}
