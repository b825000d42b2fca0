// The life cycle: a column of the statuses in progress with their arrows, and a matrix of the ends.

const ROW = 36, TOP = 168, BOX = { x: 214, w: 196, h: 26 }, ARC = 14, ENDS = 640, STEP = 44;
const AFTER = "after the end";
const opened = new Set();
let mode = "common";
let current = 0;

const running = data.statuses.filter((status) => !status.ends).map((status) => status.status);
const legal = new Set(data.transitions.map(([from, to]) => `${from} ${to}`));
const allSteps = steps.reduce((sum, row) => sum + row.count, 0);
const most = Math.max(1, ...steps.map((row) => row.count));
const rowOf = (name) => (statuses.get(name)?.ends ? AFTER : name);

/** All steps: those of the log, then the legal ones that no job took. */
function allArrows() {
  const taken = new Set(steps.map((row) => `${row.name} ${row.to}`));
  const never = data.transitions.filter(([from, to]) => !taken.has(`${from} ${to}`));
  return [...steps, ...never.map(([name, to]) => ({ name, to, kind: "never", count: 0 }))];
}

const isEnd = (row) => row.to === "CANCEL_REQUESTED" || rowOf(row.to) === AFTER;

const isShown = (row) => ({
  common: row.count >= allSteps / 100 || row.kind === "illegal" || (isEnd(row) && row.count > 0),
  all: row.count > 0,
  illegal: row.kind === "illegal" || row.kind === "skipped",
  never: row.kind === "never",
})[mode];

/** The columns of the matrix: cancellation, then each termination type, or its statuses if it is opened. */
function columns() {
  const ends = endings.flatMap((type) => opened.has(type)
    ? data.statuses.filter((status) => status.ends === type).map((status) => ({ name: status.status, type, has: (to) => to === status.status }))
    : [{ name: type, type, has: (to) => statuses.get(to)?.ends === type }]);
  return [{ name: "CANCEL_REQUESTED", has: (to) => to === "CANCEL_REQUESTED" }, ...ends];
}

const described = (row) => `${row.name} → ${row.to}: ${row.count ? `${things(row.count, "time")}, ${share(row.count, allSteps)} of all steps` : "never"}${row.kind === "skipped" || row.kind === "illegal" ? `, ${row.kind}` : ""}`;

function drawCycle() {
  const arrows = allArrows().filter(isShown);
  const names = [...running];
  if (arrows.some((row) => rowOf(row.name) === AFTER)) names.push(AFTER);
  const y = new Map(names.map((name, at) => [name, TOP + at * ROW]));
  const ends = columns();
  const [width, height] = [ENDS + ends.length * STEP + 110, TOP + names.length * ROW];
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}` });
  // It scrolls where it does not fit: its text never gets smaller.
  picture.style.minWidth = `${width}px`;
  picture.append(svg("defs", {}, ...["legal", "never", "skipped", "illegal"].map((kind) =>
    svg("marker", { id: `arrow-${kind}`, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 9, markerHeight: 9, markerUnits: "userSpaceOnUse", orient: "auto" },
      svg("path", { d: "M0 0L8 4L0 8z", class: `arrow ${kind}` })))));
  phases(picture, names, y, width);
  // A line of the keyboard: a status, then what leaves it.
  const lines = names.map(() => []);
  names.forEach((name, at) => lines[at].push(drawStatus(picture, name, y.get(name))));
  for (const row of arrows) {
    const from = rowOf(row.name);
    if (!isEnd(row)) lines[names.indexOf(from)].push(drawArrow(picture, row, y.get(from), y.get(row.to)));
  }
  const circles = [];
  ends.forEach((end, at) => {
    const x = ENDS + at * STEP;
    circles.push(drawHeading(picture, end, x));
    names.forEach((name, line) => {
      const into = arrows.filter((row) => rowOf(row.name) === name && end.has(row.to));
      if (into.length) lines[line].push(drawEnd(picture, into, end, x, y.get(name)));
    });
  });
  $("cycle").replaceChildren(picture);
  rove([circles, ...lines]);
  mark();
}

function phases(picture, names, y, width) {
  const all = names.map((name) => statuses.get(name)?.phase ?? "");
  all.forEach((phase, at) => {
    if (all.indexOf(phase) !== at || !phase) return;
    const count = all.filter((other) => other === phase).length;
    if ([...new Set(all)].indexOf(phase) % 2 === 0) picture.append(svg("rect", { class: "band", x: 0, y: y.get(names[at]) - ROW / 2, width, height: count * ROW }));
    picture.append(svg("text", { class: "quiet", x: 8, y: y.get(names[at]) + 5 }, phase));
  });
}

/** Makes a shape something to choose, by mouse and keyboard. */
function choosable(shape, text, open) {
  const point = () => ($("pointed").textContent = text);
  return filled(shape, {
    tabindex: -1, role: "button", "aria-label": text,
    on: { click: open, mouseenter: point, focus: point, keydown: (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); open(); }
    } },
  }, [svg("title", {}, text)]);
}

function drawStatus(picture, name, y) {
  const status = statuses.get(name);
  const entered = data.entered[name] ?? 0;
  const kinds = ["node", status?.awaits && "waits", status && !entered && "unseen"].filter(Boolean);
  const shape = svg("g", { class: kinds.join(" "), "data-status": name },
    svg("rect", { x: BOX.x, y: y - BOX.h / 2, width: BOX.w, height: BOX.h, rx: 7 }),
    svg("text", { x: BOX.x + BOX.w / 2, y: y + 5, "text-anchor": "middle" }, name));
  picture.append(shape);
  return choosable(shape, status ? `${name}: entered ${things(entered, "time")}` : "Messages after the end of a job", () => status && showStatus(name));
}

function drawArrow(picture, row, from, to) {
  const line = Math.abs(from - to) / ROW;
  let path;
  if (to - from === ROW) {
    path = `M${BOX.x + BOX.w / 2} ${from + BOX.h / 2}V${to - BOX.h / 2}`;
  } else {
    const side = to > from ? 1 : -1;
    const x = to > from ? BOX.x + BOX.w : BOX.x;
    const bend = x + side * (18 + line * ARC);
    path = `M${x} ${from + 4 * side}C${bend} ${from + 4 * side} ${bend} ${to - 4 * side} ${x} ${to - 4 * side}`;
  }
  const rare = row.count < allSteps / 100 && row.kind === "legal";
  const seen = svg("path", { class: "seen", d: path, "stroke-width": row.count ? Math.max(1, (12 * row.count) / most).toFixed(1) : null, "marker-end": `url(#arrow-${row.kind})` });
  const shape = svg("g", { class: `edge ${row.kind}${rare ? " rare" : ""}`, "data-from": row.name, "data-to": row.to }, seen, svg("path", { class: "hit", d: path }));
  picture.append(shape);
  return choosable(shape, described(row), () => showStep([row]));
}

function drawEnd(picture, into, end, x, y) {
  const count = into.reduce((sum, row) => sum + row.count, 0);
  const kind = ["illegal", "skipped", "legal", "never"].find((kind) => into.some((row) => row.kind === kind));
  const text = into.length === 1 ? described(into[0]) : `${rowOf(into[0].name)} → ${end.name}: ${things(count, "time")}, ${share(count, allSteps)} of all steps`;
  const r = count ? Math.max(3.5, 15 * Math.sqrt(count / most)) : 3;
  const shape = svg("g", { class: `dot ${kind}`, "data-from": into[0].name, "data-to": end.name }, svg("circle", { class: "seen", cx: x, cy: y, r }), svg("rect", { class: "hit", x: x - STEP / 2, y: y - ROW / 2, width: STEP, height: ROW }));
  picture.append(shape);
  return choosable(shape, text, () => showStep(into));
}

function drawHeading(picture, end, x) {
  const shape = svg("g", { class: "heading", "data-column": end.name }, svg("text", { transform: `translate(${x} ${TOP - ROW / 2 - 8}) rotate(-40)` }, end.name + (end.type && !opened.has(end.type) ? " +" : "")));
  picture.append(shape);
  if (!end.type) return choosable(shape, "CANCEL_REQUESTED: jobs that were cancelled", () => showStatus(end.name));
  return choosable(shape, `${end.name}: ${opened.has(end.type) ? "close the statuses of" : "open into the statuses of"} ${end.type}`, () => {
    if (!opened.delete(end.type)) opened.add(end.type);
    drawCycle();
  });
}

/** One stop of the Tab key: arrow keys move from line to line, and within a line. */
function rove(lines) {
  const all = lines.flat();
  const focusable = all[Math.min(current, all.length - 1)];
  focusable?.setAttribute("tabindex", 0);
  const focus = (shape) => {
    all.forEach((other) => other.setAttribute("tabindex", other === shape ? 0 : -1));
    current = all.indexOf(shape);
    shape.focus();
  };
  $("cycle").onkeydown = (event) => {
    const line = lines.findIndex((shapes) => shapes.includes(document.activeElement));
    if (line < 0) return;
    const at = lines[line].indexOf(document.activeElement);
    const next = {
      ArrowRight: () => lines[line][at + 1], ArrowLeft: () => lines[line][at - 1],
      ArrowDown: () => lines[line + 1]?.[0], ArrowUp: () => lines[line - 1]?.[0],
    }[event.key]?.();
    if (next) { event.preventDefault(); focus(next); }
  };
}

/** Highlights what leads to and from the status that is searched for. */
function mark() {
  const name = $("search").value.trim().toUpperCase();
  const found = [...statuses.keys()].filter((status) => name && status.includes(name));
  const exact = found.includes(name) ? [name] : found;
  const picture = $("cycle").firstElementChild;
  picture.classList.toggle("picked", exact.length > 0);
  for (const shape of picture.querySelectorAll(".node, .edge, .dot")) {
    const of = [shape.dataset.status, shape.dataset.from, shape.dataset.to];
    const ends = exact.some((status) => of.includes(status) || of.includes(statuses.get(status).ends));
    shape.classList.toggle("lit", ends);
  }
}

function prepareCycle() {
  const switches = { common: "common", all: "all", illegal: "only illegal", never: "never taken" };
  $("shown").querySelector("fieldset").append(...Object.entries(switches).map(([value, text]) =>
    el("label", {}, el("input", { type: "radio", name: "mode", value, checked: value === mode ? "" : null, on: { change: () => { mode = value; drawCycle(); } } }), text)));
  $("names").append(...[...statuses.keys()].map((name) => el("option", { value: name })));
  $("search").addEventListener("input", mark);
  $("shown").addEventListener("submit", (event) => event.preventDefault());
  drawCycle();
}
