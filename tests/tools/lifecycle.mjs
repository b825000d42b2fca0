// The JSON document, which the other exports are compared with, and queries of it for the tests.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The path of a printed export. */
export const file = (name) => join(process.env.EXPORTS, name);

/** The text of an export. */
export const read = (name) => readFileSync(file(name), "utf8");

export const { statuses, transitions } = JSON.parse(read("lifecycle.json"));
assert.equal(statuses.length, 46);
assert.equal(transitions.length, 223);

/** The initial statuses: those without a predecessor, and the default. */
export const starts = ["REQUESTED", "INITIATED"];

/** The row of a status. */
export const row = new Map(statuses.map((row) => [row.status, row]));

/** The basis of a transition, or undefined if it is not legal. */
const bases = new Map(transitions.map(({ from, to, basis }) => [`${from} ${to}`, basis]));
export const basis = (from, to) => bases.get(`${from} ${to}`);

/** For each status, an initial status and a shortest sequence of legal events from there. */
export const ways = (() => {
    const ways = new Map(starts.map((start) => [start, { start, events: [] }]));
    // Iteration over a map includes entries added meanwhile, so this continues until nothing new is found.
    for (const [at, { start, events }] of ways) {
        for (const { from, to } of transitions) {
            if (from === at && !ways.has(to)) ways.set(to, { start, events: [...events, to] });
        }
    }
    assert.equal(ways.size, statuses.length);
    return ways;
})();

/**
 * Sends every event to a machine in every status: each legal transition is taken, and every other event is refused.
 * `begin` starts a machine in an initial status and returns an object with `send(event)`, `status()` and `isDone()`.
 * Returns the number of transitions and of refused events.
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

/** The numbers of transitions and of all other pairs of statuses, including heartbeats. */
export const everything = { walked: 223, refused: 46 * 46 - 223 };

/** The arrows of a diagram as sorted texts, without duplicates: all, or with the ends of a termination type as one node. */
export function arrows(ends) {
    const node = (status) => (ends === "grouped" && row.get(status).termination_type) || status;
    return [...new Set(transitions.map(({ from, to }) => `${from} ${node(to)}`))].sort();
}

/** The nodes of a diagram by phase, sorted, as [phase, [node, …]]. */
export function nodes(ends) {
    const phases = new Map();
    for (const { status, phase, termination_type } of statuses) {
        const node = (ends === "grouped" && termination_type) || status;
        phases.set(phase, (phases.get(phase) ?? new Set()).add(node));
    }
    return [...phases].map(([phase, nodes]) => [phase, [...nodes].sort()]).sort();
}
