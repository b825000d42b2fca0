// XState runs the printed machine unchanged.
import assert from "node:assert/strict";
import test from "node:test";

import { createActor, createMachine } from "xstate";

import { basis, everything, read, row, starts, statuses, transitions, walk } from "./lifecycle.mjs";

const config = JSON.parse(read("xstate.json"));
const machine = createMachine(config);

/** An actor in a status; the initial one needs no snapshot. */
function begin(start) {
    const actor =
        start === machine.config.initial
            ? createActor(machine)
            : createActor(machine, { snapshot: machine.resolveState({ value: start }) });
    actor.start();
    return {
        send: (type) => actor.send({ type }),
        status: () => actor.getSnapshot().value,
        isDone: () => actor.getSnapshot().status === "done",
    };
}

test("XState walks every transition and refuses every other event", () => {
    assert.deepEqual(walk(begin), everything);
});

test("XState knows beforehand what it would refuse", () => {
    for (const { status: from } of statuses) {
        const snapshot = machine.resolveState({ value: from });
        for (const { status: to } of statuses) {
            assert.equal(snapshot.can({ type: to }), basis(from, to) !== undefined, `${to} in ${from}`);
        }
        assert.equal(snapshot.can({ type: "NO_SUCH_STATUS" }), false);
    }
});

test("XState shows the columns of the tables", () => {
    assert.deepEqual(machine.root.meta.starts, starts);
    assert.match(machine.root.meta.left_out, /guards are not included/);
    assert.deepEqual(Object.keys(machine.states), [...row.keys()]);
    for (const { status, phase, termination_type, awaits, aliases, description } of statuses) {
        const snapshot = machine.resolveState({ value: status });
        assert.deepEqual([...snapshot.tags], [phase]);
        assert.deepEqual(snapshot.getMeta()[`job.${status}`], { termination_type, awaits, aliases });
        assert.equal(machine.states[status].description, description);
    }
    const drawn = Object.values(machine.states).flatMap(({ key: from, transitions }) =>
        [...transitions.values()].flat().map(({ target: [{ key: to }], meta: { basis } }) => ({ from, to, basis })),
    );
    assert.deepEqual(drawn, transitions);
});
