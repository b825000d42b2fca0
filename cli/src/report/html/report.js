"use strict";
// The page's data is text of a log: it is only ever set as the text of an element.
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const [layout, data] = [read("layout"), read("data")];
const $ = (id) => document.getElementById(id);

/** An element of HTML with attributes and children: elements or texts. */
function el(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** An element of SVG. */
function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const [event, run] of Object.entries(value)) element.addEventListener(event, run);
    else if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

const number = (count) => count.toLocaleString("en");
const things = (count, thing) => `${number(count)} ${thing}${count === 1 ? "" : "s"}`;

/** A duration in the two units that matter. */
function span(ms) {
  if (ms < 1000) return `${ms} ms`;
  const s = Math.floor(ms / 1000);
  if (s < 60) return `${(ms / 1000).toFixed(1)} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

// --- Light and dark.

const dark = matchMedia("(prefers-color-scheme: dark)");
let chosen = null;
const paint = () => (document.documentElement.dataset.theme = chosen ?? (dark.matches ? "dark" : "light"));
dark.addEventListener("change", paint);
$("theme").addEventListener("click", () => {
  chosen = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  paint();
});
paint();

// --- What there is.

const rows = (table) => data.rows.filter((row) => row.table === table);
const taken = new Map(rows("transition").map((row) => [`${row.name} ${row.to}`, row]));
const statuses = new Map(data.statuses.map((status) => [status.status, status]));
const lives = new Map(data.lives.map((life) => [life.job, life]));
const passes = (life, status) => life.events.some((event) => event.kind === "status" && event.word === status);
const steps = (life, from, to) => life.events.some((event) => event.from === from && event.word === to && event.kind === "status");

function describe() {
  const files = data.inputs.map((input) => (input.file === "-" ? "standard input" : input.file));
  const shown = files.slice(0, 3).join(", ") + (files.length > 3 ? ` and ${files.length - 3} more` : "");
  $("inputs").textContent = `${shown}: ${things(data.records, "record")}`;
  const all = rows("job").find((row) => row.name === "all");
  const tiles = [
    [number(data.jobs), "jobs"], [number(data.unterminated), "have not ended"], [number(data.messages), "messages"],
    [number(data.severities.error), "errors", "error"], [number(data.severities.warning), "warnings", "warning"],
    [number(data.severities.note), "notes", "note"],
  ];
  if (all?.timed) tiles.push([span(all.median_ms), "median of a job"], [span(all.p95_ms), "95 % take no longer"]);
  $("tiles").append(...tiles.map(([value, name, kind]) =>
    el("div", {}, el("b", { class: value === "0" ? null : kind }, value), el("span", {}, name))));
  const kept = [];
  if (data.lives.length < data.jobs) {
    kept.push(`The lives of ${number(data.lives.length)} of ${things(data.jobs, "job")} are in this page: first those of each illegal step and of each rule that was broken, then others with findings, then others, by a hash of the id.`);
  }
  if (data.findings.length < data.found) {
    kept.push(`Of each rule the first 200 findings are listed: ${number(data.findings.length)} of ${number(data.found)}.`);
  }
  if (kept.length) {
    $("sampled").textContent = `This is a sample. ${kept.join(" ")} All counts are of the whole log.`;
    $("sampled").hidden = false;
  }
}

// --- The diagram.

const most = Math.max(1, ...[...taken.values()].map((row) => row.count));
const width = (count) => 1.2 + 7 * Math.sqrt(count / most);

/** The way of a step that the life cycle does not have. */
function bow([x1, y1, w1], [x2, y2, w2]) {
  const side = x2 > x1 + 1 ? [1, -1] : x2 < x1 - 1 ? [-1, 1] : x1 > layout.width / 2 ? [-1, -1] : [1, 1];
  const [from, to] = [x1 + (side[0] * w1) / 2, x2 + (side[1] * w2) / 2];
  const bend = side[0] === side[1] ? 60 + Math.abs(y2 - y1) / 8 : Math.max(40, Math.abs(to - from) / 2);
  return `M${from} ${y1}C${from + side[0] * bend} ${y1} ${to + side[1] * bend} ${y2} ${to} ${y2}`;
}

const press = (run) => ({
  click: run,
  keydown: (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      run();
    }
  },
});

function drawEdge(picture, from, to, path) {
  const row = taken.get(`${from} ${to}`);
  const kind = !row ? "never" : row.kind === "legal" ? "taken" : row.kind;
  const said = `${from} to ${to}: ${row ? `taken ${things(row.count, "time")}${kind === "taken" ? "" : `, ${kind}`}` : "never taken"}`;
  const seen = svg("path", { class: "seen", d: path, "marker-end": `url(#arrow-${kind})` });
  if (row) seen.setAttribute("stroke-width", width(row.count).toFixed(1));
  const edge = svg("g", { class: `edge ${kind}`, "data-from": from, "data-to": to }, svg("title", {}, said), seen);
  if (row) {
    edge.append(svg("path", { class: "hit", d: path }));
    filled(edge, { tabindex: 0, role: "button", "aria-label": said, on: press(() => showStep(row)) }, []);
  }
  picture.append(edge);
}

function drawNode(picture, name, [x, y, w, h]) {
  const status = statuses.get(name);
  const entered = data.entered[name] ?? 0;
  const kinds = ["node", status.termination_type && "end", status.awaits && "waits", !entered && "unseen"];
  const pick = (on) => () => {
    picture.classList.toggle("picked", on);
    for (const edge of picture.querySelectorAll(".edge")) {
      edge.classList.toggle("lit", on && (edge.dataset.from === name || edge.dataset.to === name));
    }
  };
  picture.append(svg("g", {
    class: kinds.filter(Boolean).join(" "), "data-status": name, tabindex: 0, role: "button",
    "aria-label": `${name}: ${things(entered, "time")}`,
    on: { ...press(() => showStatus(name)), mouseenter: pick(true), mouseleave: pick(false), focus: pick(true), blur: pick(false) },
  },
  svg("title", {}, `${name}: ${status.description}`),
  svg("rect", { x: x - w / 2, y: y - h / 2, width: w, height: h, rx: h / 3 }),
  svg("text", { x: x - w / 2 + 9, y: y + 4 }, name),
  svg("text", { x: x + w / 2 - 8, y: y + 4, "text-anchor": "end", class: "quiet" }, entered ? short(entered) : "")));
}

const short = (count) => (count < 1000 ? String(count) : `${(count / 1000).toFixed(count < 10000 ? 1 : 0)}k`);

function drawCycle() {
  const picture = svg("svg", { viewBox: `-16 0 ${layout.width + 16} ${layout.height}`, role: "group", "aria-label": "Life cycle" });
  picture.append(svg("defs", {}, ...["taken", "never", "skipped", "illegal"].map((kind) =>
    svg("marker", { id: `arrow-${kind}`, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 8, markerHeight: 8, markerUnits: "userSpaceOnUse", orient: "auto" },
      svg("path", { d: "M0 0L8 4L0 8z", class: `arrow ${kind}` })))));
  const inTable = new Set(layout.edges.map(([from, to]) => `${from} ${to}`));
  const isTaken = ([from, to]) => taken.has(`${from} ${to}`);
  for (const edge of layout.edges.filter((edge) => !isTaken(edge))) drawEdge(picture, ...edge);
  for (const edge of layout.edges.filter(isTaken)) drawEdge(picture, ...edge);
  for (const row of taken.values()) {
    if (!inTable.has(`${row.name} ${row.to}`)) drawEdge(picture, row.name, row.to, bow(layout.nodes[row.name], layout.nodes[row.to]));
  }
  const groups = new Set();
  for (const [name, place] of Object.entries(layout.nodes)) {
    const group = statuses.get(name).termination_type;
    if (group && !groups.has(group)) {
      groups.add(group);
      const top = Math.min(...Object.entries(layout.nodes).filter(([other]) => statuses.get(other).termination_type === group).map(([, [, y]]) => y));
      picture.append(svg("text", { x: place[0] - place[2] / 2, y: top - 16, class: "quiet" }, group.replaceAll("_", " ").toLowerCase()));
    }
    drawNode(picture, name, place);
  }
  $("cycle").append(picture);
}

// --- Charts.

function chart(lines, height) {
  return svg("svg", { viewBox: `0 0 480 ${height}`, width: "100%", role: "img" }, ...lines);
}

function drawEnds() {
  const bars = data.statuses.map((status) => status.termination_type).filter((type, at, all) => type && all.indexOf(type) === at)
    .map((type) => [type, rows("job").find((row) => row.name === type)?.count ?? 0]);
  bars.push(["not ended", data.unterminated]);
  const max = Math.max(1, ...bars.map(([, count]) => count));
  const lines = bars.flatMap(([name, count], at) => [
    svg("text", { x: 0, y: at * 28 + 18 }, name),
    svg("rect", { class: `bar-of ${name.includes(" ") ? "none" : name}`, x: 180, y: at * 28 + 5, width: (220 * count) / max, height: 18, rx: 4 }),
    svg("text", { x: 187 + (220 * count) / max, y: at * 28 + 18 }, `${number(count)} (${((100 * count) / Math.max(1, data.jobs)).toFixed(1)} %)`),
  ]);
  const drawn = chart(lines, bars.length * 28 + 4);
  drawn.setAttribute("aria-label", bars.map(([name, count]) => `${name} ${count}`).join(", "));
  $("ends").append(drawn);
}

function drawWaits() {
  const waits = rows("wait");
  const timed = waits.filter((row) => row.timed);
  if (!timed.length) {
    $("waits").append(el("p", { class: "hint" }, waits.length
      ? `${waits.map((row) => `${row.name} ${row.kind}: ${number(row.count)}`).join("; ")}. No record of them has a time, so how long they lasted isn't known.`
      : "No job waited for its client."));
    return;
  }
  const [low, high] = [Math.log(Math.max(1, Math.min(...timed.map((row) => row.min_ms)))), Math.log(Math.max(2, ...timed.map((row) => row.max_ms)))];
  const at = (ms) => 210 + (255 * (Math.log(Math.max(1, ms)) - low)) / Math.max(0.01, high - low);
  const lines = timed.flatMap((row, index) => {
    const y = index * 34 + 16;
    return [
      svg("text", { x: 0, y }, row.name), svg("text", { x: 0, y: y + 12, class: "quiet" }, `${row.kind}, ${number(row.count)}`),
      svg("line", { class: "span", x1: at(row.min_ms), x2: at(row.p95_ms), y1: y, y2: y }),
      svg("circle", { class: "mid", cx: at(row.median_ms), cy: y, r: 5 }),
      svg("text", { x: at(row.median_ms), y: y + 15, "text-anchor": at(row.median_ms) > 420 ? "end" : "middle", class: "quiet" }, span(row.median_ms)),
      svg("title", {}, `${row.name} ${row.kind}`),
    ];
  });
  const drawn = chart(lines, timed.length * 34 + 6);
  drawn.setAttribute("aria-label", timed.map((row) => `${row.name} ${row.kind}: median ${span(row.median_ms)}`).join(", "));
  $("waits").append(drawn, el("p", { class: "hint" }, "The dot is the median; the line goes from the least to what 95 % don't exceed, on a logarithmic scale."));
}

// --- Findings.

let limit = 100;

function listFindings() {
  const [text, severity, rule] = [$("text").value.trim().toLowerCase(), $("severity").value, $("rule").value];
  const found = data.findings.filter((finding) =>
    (!severity || finding.severity === severity) && (!rule || finding.rule === rule) &&
    (!text || finding.message.toLowerCase().includes(text) || finding.job === text || finding.rule.includes(text)));
  $("found").textContent = things(found.length, "finding");
  $("rows").replaceChildren(...found.slice(0, limit).map((finding) => el("tr", {},
    el("td", { class: `severity ${finding.severity}` }, finding.severity), el("td", {}, finding.rule), el("td", {}, finding.message),
    el("td", {}, `${finding.file}:${finding.line}`),
    el("td", {}, lives.has(finding.job) ? jobLink(finding.job) : finding.job ?? ""))));
  $("more").hidden = found.length <= limit;
}

function prepareFindings() {
  $("severity").append(...["error", "warning", "note"].map((name) => el("option", {}, name)));
  $("rule").append(...Object.entries(data.rules).map(([rule, count]) => el("option", { value: rule }, `${rule} (${number(count)})`)));
  for (const id of ["text", "severity", "rule"]) $(id).addEventListener("input", () => { limit = 100; listFindings(); });
  $("more").addEventListener("click", () => { limit += 200; listFindings(); });
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  listFindings();
}

// --- What is chosen: in a dialog, which Escape closes.

let before = [];

function show(title, body, isNew = true) {
  if (isNew && $("dialog").open) before.push([$("dialog-title").textContent, [...$("dialog-body").childNodes]]);
  $("dialog-title").textContent = title;
  $("dialog-body").replaceChildren(...body);
  $("back").hidden = !before.length;
  if (!$("dialog").open) $("dialog").showModal();
  $("dialog").scrollTop = 0;
}

$("back").addEventListener("click", () => { show(...before.pop(), false); $("close").focus(); });
$("close").addEventListener("click", () => $("dialog").close());
$("dialog").addEventListener("click", (event) => event.target === $("dialog") && $("dialog").close());
$("dialog").addEventListener("close", () => (before = []));

const jobLink = (id) => el("button", { class: "link", type: "button", on: { click: () => showLife(lives.get(id)) } }, id);

function jobList(found, count) {
  const shown = found.slice(0, 500);
  const of = count > found.length ? `; ${number(count)} times in the whole log` : "";
  return [
    el("p", { class: "hint" }, `${things(found.length, "job")} of those in this page${of}.`),
    el("ul", { class: "jobs" }, ...shown.map((life) => el("li", {}, jobLink(life.job),
      el("small", {}, life.findings.length ? things(life.findings.length, "finding") : "")))),
  ];
}

function showStep(row) {
  const time = row.timed ? `It came after ${span(row.median_ms)} (median), ${span(row.p95_ms)} (95 %).` : "";
  const why = { legal: "", skipped: "The life cycle leads there by statuses that were not told. ", illegal: "The life cycle has no way from the one to the other. " }[row.kind];
  const found = data.lives.filter((life) => steps(life, row.name, row.to));
  show(`${row.name} → ${row.to}`, [el("p", { class: row.kind === "illegal" ? "error" : null }, why + time), ...jobList(found, row.count)]);
}

function showStatus(name) {
  const status = statuses.get(name);
  const found = data.lives.filter((life) => passes(life, name));
  show(name, [el("p", {}, status.description), ...jobList(found, data.entered[name] ?? 0)]);
}

const MARKS = { first: "●", legal: "→", skipped: "⇢", illegal: "✗", unclear: "?", network_failure: "!", heartbeat: "·", request: "?", request_again: "?", response: "!", snapshot: "○", unknown: "?" };

function told({ count = 1, ...event }) {
  const times = count > 1 ? ` (${number(count)} times)` : "";
  const percent = event.percent === undefined ? "" : ` ${event.percent} %`;
  switch (event.kind) {
    case "status": return [el("b", {}, event.word), el("span", { class: "quiet" }, percent)];
    case "heartbeat": return [`(${things(count, "heartbeat")})`];
    case "request_again": return [`(the same request${count > 1 ? `, ${number(count)} times` : ""})`];
    case "snapshot": return [`a snapshot: ${event.word}${times}`];
    case "unknown": return [`a message of the unknown kind ${event.word}${times}`];
    default: return [event.word ?? "a request of an unknown kind"];
  }
}

const clock = (at) => {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? `${at} ms` : date.toISOString();
};

function showLife(life) {
  const items = [];
  let last = null;
  const findings = (after) => life.findings.filter((finding) => finding.after === after).map((finding) =>
    el("p", { class: finding.severity }, el("b", {}, `${finding.severity}: ${finding.rule} `), el("span", {}, finding.message)));
  if (findings(0).length) items.push(el("li", {}, el("time"), el("span", { class: "mark" }), el("div", {}, ...findings(0))));
  const waits = life.events.map((event, at) => {
    if (event.kind !== "status" || !statuses.get(event.word)?.awaits || event.at === undefined) return 0;
    const next = life.events.slice(at + 1).find((other) => other.kind === "status" && other.at !== undefined);
    return next ? Math.max(0, next.at - event.at) : 0;
  });
  const longest = Math.max(1, ...waits);
  life.events.forEach((event, at) => {
    const gap = event.at !== undefined && last !== null && event.at >= last ? `+${span(event.at - last)}` : "";
    const when = event.at === undefined ? `${data.inputs.length > 1 ? `${data.inputs[event.input]?.file}:` : "line "}${event.line}` : clock(event.at).slice(11, 23) || clock(event.at);
    const kind = event.kind === "status" ? `status ${event.step}` : "quiet";
    const body = el("div", { title: `${data.inputs[event.input]?.file ?? ""}:${event.line}` }, ...told(event), ...findings(at + 1));
    if (waits[at]) {
      const bar = el("i", { class: "wait", title: `waited ${span(waits[at])}` });
      bar.style.width = `${4 + (100 * waits[at]) / longest}px`;
      body.insertBefore(el("span", { class: "quiet" }, bar, ` waited ${span(waits[at])}`), body.children[2] ?? null);
    }
    items.push(el("li", { class: kind }, el("time", {}, when, el("span", {}, gap)), el("span", { class: "mark", "aria-hidden": "true" }, MARKS[event.step ?? event.kind] ?? "·"), body));
    last = event.until ?? event.at ?? last;
  });
  const first = life.events.find((event) => event.at !== undefined);
  const intro = [first ? `Times of ${clock(first.at).slice(0, 10)} on, UTC.` : "No record has a time: the lines are shown."];
  if (life.left_out) intro.push(`${things(life.left_out, "event")} more are not shown.`);
  show(`Job ${life.job}`, [el("p", { class: "hint" }, intro.join(" ")), el("ol", { class: "life" }, ...items)]);
}

function prepareJobs() {
  $("ids").append(...data.lives.slice(0, 1000).map((life) => el("option", { value: life.job })));
  $("job-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const life = lives.get($("job").value.trim());
    $("no-job").textContent = life ? "" : "This job's life is not in this page: cardsavr trace shows any.";
    if (life) showLife(life);
  });
}

describe();
drawCycle();
drawEnds();
drawWaits();
prepareFindings();
prepareJobs();
