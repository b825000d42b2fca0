// --- The verdict and the figures.

function describe() {
  const { error = 0, warning = 0, note = 0 } = data.severities;
  const verdict = error ? `${things(error, "error")} in ${things(data.jobs, "job")}` : `No error in ${things(data.jobs, "job")}`;
  $("verdict").append(el("span", { class: error ? "error" : "good", "aria-hidden": "true" }, error ? "✗ " : "✓ "), verdict);
  const files = data.inputs.map((input) => (input.file === "-" ? "standard input" : input.file));
  const shown = files.slice(0, 3).join(", ") + (files.length > 3 ? ` and ${files.length - 3} more` : "");
  $("inputs").textContent = `${shown}: ${things(data.records, "record")}, ${things(data.messages, "message")}`;
  const filter = (severity) => () => { location.hash = `findings?severity=${severity}`; };
  const all = rows("job").find((row) => row.name === "all");
  const tiles = [
    [number(data.jobs), "jobs"], [share(ended("BILLABLE"), data.jobs), "succeeded (BILLABLE)"],
    [number(error), "errors", error && "error", filter("error")], [number(warning), "warnings", warning && "warning", filter("warning")],
    [number(note), "notes", note && "note", filter("note")], [number(data.unterminated), "not ended"],
  ];
  if (all?.timed) tiles.push([span(all.median_ms), "median time of a job"], [span(all.p95_ms), "95th percentile"]);
  $("tiles").append(...tiles.map(([value, name, kind, run]) =>
    el(run ? "button" : "div", run ? { type: "button", on: { click: run } } : {}, el("b", { class: kind || null }, value), el("span", {}, name))));
  const kept = [];
  if (data.histories.length < data.jobs) {
    kept.push(`It has the history of ${number(data.histories.length)} of ${things(data.jobs, "job")}: first some for each illegal step and each broken rule, then others.`);
  }
  if (data.findings.length < data.found) {
    kept.push(`It lists the first 200 findings of each rule: ${number(data.findings.length)} of ${number(data.found)}.`);
  }
  if (kept.length) {
    $("sampled").textContent = `This page is a sample. ${kept.join(" ")} All counts are of the whole log.`;
    $("sampled").hidden = false;
  }
}

// --- Findings: by rule, then each.

const SEVERITIES = ["error", "warning", "note"];
const COLUMNS = ["Severity", "Rule", "Finding", "Position", "Job"];
let [limit, sorted] = [20, { by: null, down: false }];

function listRules() {
  const broken = Object.entries(data.rules).sort(([, a], [, b]) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || b.count - a.count);
  if (!broken.length) {
    $("broken").append(el("p", { class: "good" }, "The log follows the protocol: no rule is broken."));
    $("list").hidden = $("filters").hidden = true;
  }
  const folded = broken.map(([name, rule]) => el("details", { id: `rule-${name}` },
    el("summary", {}, el("span", { class: `severity ${rule.severity}` }, rule.severity), " ", el("b", {}, name), el("span", { class: "quiet" }, ` ${number(rule.count)} (${share(rule.count, data.found)}): ${rule.description}`)),
    el("p", {}, el("b", {}, "Why: "), rule.why), el("p", {}, el("b", {}, "How to fix it: "), rule.help),
    el("p", {}, "A log that breaks it:"), el("pre", {}, rule.example.trim()),
    el("a", { href: `#findings?rule=${name}` }, "Show its findings")));
  $("broken").append(...folded.slice(0, 8));
  if (folded.length > 8) $("broken").append(el("details", {}, el("summary", {}, things(folded.length - 8, "more rule")), ...folded.slice(8)));
}

function chosenFindings() {
  const [text, severity, rule] = [$("text").value.trim().toLowerCase(), $("severity").value, $("rule").value];
  const found = data.findings.filter((finding) =>
    (!severity || finding.severity === severity) && (!rule || finding.rule === rule) &&
    (!text || finding.message.toLowerCase().includes(text) || finding.job === text || finding.rule.includes(text)));
  const key = { Severity: (f) => SEVERITIES.indexOf(f.severity), Rule: (f) => f.rule, Finding: (f) => f.message, Position: (f) => [f.file, f.line], Job: (f) => f.job ?? "" }[sorted.by];
  const order = (a, b) => (Array.isArray(a) ? order(a[0], b[0]) || a[1] - b[1] : typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true }));
  return key ? found.sort((a, b) => order(key(a), key(b)) * (sorted.down ? -1 : 1)) : found;
}

function listFindings() {
  const found = chosenFindings();
  $("found").textContent = things(found.length, "finding");
  $("rows").replaceChildren(...found.slice(0, limit).map((finding) => line(COLUMNS, [
    el("span", { class: `severity ${finding.severity}` }, finding.severity), el("a", { href: `#rule-${finding.rule}` }, finding.rule), finding.message,
    `${finding.file}:${finding.line}`, jobs.has(finding.job) ? jobLink(finding.job) : finding.job ?? ""])));
  $("more").hidden = found.length <= limit;
}

/** The findings that are shown, as a file. A spreadsheet takes a cell that begins with one of =+-@ for a formula. */
function exportFindings() {
  const cell = (text) => `"${String(text ?? "").replace(/^[=+\-@\t]/, "'$&").replaceAll('"', '""')}"`;
  const lines = chosenFindings().map((f) => [f.severity, f.rule, f.message, f.file, f.line, f.job].map(cell).join(","));
  const file = new Blob([["severity,rule,finding,file,line,job", ...lines, ""].join("\r\n")], { type: "text/csv" });
  const link = el("a", { href: URL.createObjectURL(file), download: "findings.csv" });
  link.click();
  URL.revokeObjectURL(link.href);
}

function prepareFindings() {
  $("severity").append(...SEVERITIES.map((name) => el("option", {}, name)));
  $("rule").append(...Object.entries(data.rules).map(([rule, { count }]) => el("option", { value: rule }, `${rule} (${number(count)})`)));
  const change = () => { limit = 20; listFindings(); };
  for (const id of ["text", "severity", "rule"]) $(id).addEventListener("input", change);
  $("list").querySelector("tr").append(...COLUMNS.map((name) => {
    const head = el("th", { scope: "col" }, el("button", { type: "button", on: { click: () => {
      sorted = { by: name, down: sorted.by === name && !sorted.down };
      for (const other of head.parentElement.children) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", sorted.down ? "descending" : "ascending");
      change();
    } } }, name));
    return head;
  }));
  $("more").addEventListener("click", () => { limit += 100; listFindings(); });
  $("export").addEventListener("click", exportFindings);
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  listRules();
  listFindings();
}

// --- Charts.

function chart(label, lines, height) {
  return svg("svg", { viewBox: `0 0 480 ${height}`, width: "100%", role: "img", "aria-label": label }, ...lines);
}

function drawEnds() {
  const bars = [...types.map((type) => [type, ended(type)]), ["another end", ended("other")], ["not ended", data.unterminated]].filter(([name, count]) => count || types.includes(name));
  const max = Math.max(1, ...bars.map(([, count]) => count));
  const lines = bars.flatMap(([name, count], at) => [
    svg("text", { x: 0, y: at * 30 + 19 }, name),
    svg("rect", { class: `bar-of ${name}`, x: 190, y: at * 30 + 5, width: (190 * count) / max, height: 20, rx: 4 }),
    svg("text", { x: 197 + (190 * count) / max, y: at * 30 + 19 }, `${number(count)} (${share(count, data.jobs)})`),
  ]);
  $("ends").append(chart(bars.map(([name, count]) => `${name} ${count}`).join(", "), lines, bars.length * 30 + 4));
  const ends = rows("end").sort((a, b) => b.count - a.count);
  $("ends").append(el("details", {}, el("summary", {}, "By status"),
    table(["Status", "Jobs"], ends.map((row) => [statusLink(row.name), `${number(row.count)} (${share(row.count, data.jobs)})`]))));
}

const TICKS = [1, 10, 100, 1e3, 5e3, 15e3, 3e4, 6e4, 18e4, 6e5, 18e5, 36e5, 216e5, 864e5, 864e6];

function drawWaits() {
  const waits = rows("wait");
  const timed = waits.filter((row) => row.timed);
  if (!timed.length) {
    $("waits").append(el("p", { class: "hint" }, waits.length
      ? `${waits.map((row) => `${row.name} ${row.kind}: ${number(row.count)}`).join("; ")}. The records have no times, so the durations are unknown.`
      : "No job waited for its client."));
    return;
  }
  const [low, high] = [Math.log(Math.max(1, Math.min(...timed.map((row) => row.min_ms)))), Math.log(Math.max(2, ...timed.map((row) => row.max_ms)))];
  const at = (ms) => 200 + (255 * (Math.log(Math.max(1, ms)) - low)) / Math.max(0.01, high - low);
  const height = timed.length * 46;
  const ticks = TICKS.filter((ms) => Math.log(ms) >= low && Math.log(ms) <= high).filter((_, i, all) => i % Math.ceil(all.length / 4) === 0);
  const grid = ticks.flatMap((ms) => [
    svg("line", { class: "grid", x1: at(ms), x2: at(ms), y1: 0, y2: height }),
    svg("text", { class: "quiet", x: at(ms), y: height + 15, "text-anchor": "middle" }, span(ms).replace(/ 0 (s|min|h)$|\.0/, "")),
  ]);
  const lines = timed.flatMap((row, index) => {
    const y = index * 46 + 18;
    const late = at(row.median_ms) > 380;
    return [
      svg("text", { x: 0, y }, row.name), svg("text", { x: 0, y: y + 15, class: "quiet" }, `${row.kind}, ${number(row.count)}`),
      svg("line", { class: "span", x1: at(row.min_ms), x2: at(row.p95_ms), y1: y, y2: y }),
      svg("circle", { class: "mid", cx: at(row.median_ms), cy: y, r: 5 }),
      svg("text", { x: at(row.median_ms), y: y + 18, "text-anchor": late ? "end" : "middle", class: "quiet" }, span(row.median_ms)),
    ];
  });
  const label = timed.map((row) => `${row.name} ${row.kind}: median ${span(row.median_ms)}, 95th percentile ${span(row.p95_ms)}`).join("; ");
  $("waits").append(chart(label, [...grid, ...lines], height + 20),
    el("p", { class: "hint" }, "Dot: median. Line: from the minimum to the 95th percentile. Logarithmic scale."));
}

// --- Panels: a dialog, which Escape closes.

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
$("dialog").addEventListener("close", () => {
  before = [];
  if (/^#(job|status)-/.test(location.hash)) history.replaceState(null, "", location.pathname);
});

const jobLink = (id) => el("a", { href: `#job-${encodeURIComponent(id)}` }, id);
const statusLink = (name) => (statuses.has(name) ? el("a", { href: `#status-${name}` }, name) : name);
const timeOf = (row) => (row.timed ? `${span(row.median_ms)} median, ${span(row.p95_ms)} 95th percentile` : "");

/** The jobs of a panel: how each ended, how long it took, and its findings. */
function jobTable(found, count) {
  const shown = found.slice(0, 100).map((job) => {
    const timed = job.events.filter((event) => event.at !== undefined);
    const end = job.events.findLast((event) => event.kind === "status" && statuses.get(event.word)?.ends);
    return [jobLink(job.id), end ? end.word : "not ended", timed.length > 1 ? span(Math.max(0, timed.at(-1).at - timed[0].at)) : "", job.findings.length ? things(job.findings.length, "finding") : ""];
  });
  const of = count > found.length ? `; ${number(count)} times in the whole log` : "";
  return [el("h3", {}, "Jobs"), el("p", { class: "hint" }, `${things(found.length, "job")} of those in this page${of}${found.length > 100 ? "; the first 100 are listed" : ""}.`),
    table(["Job", "End", "Duration", "Findings"], shown)];
}

const KINDS = { legal: "", never: "No job took it.", skipped: "The life cycle leads there by statuses that the log lacks.", illegal: "The life cycle does not lead there." };

function showStep(into) {
  const [first] = into;
  const taken = into.filter((row) => row.count);
  const found = data.histories.filter((job) => job.events.some((event) => event.kind === "status" && taken.some((row) => event.from === row.name && event.word === row.to)));
  const title = into.length === 1 ? `${first.name} → ${first.to}` : `${rowOf(first.name)} → ${statuses.get(first.to).ends ?? first.to}`;
  const steps = into.length > 1 ? [table(["From", "To", "Times"], into.map((row) => [statusLink(row.name), statusLink(row.to), number(row.count)]))] : [];
  const kind = into.some((row) => row.kind === "illegal") ? "illegal" : first.kind;
  show(title, [el("p", { class: { illegal: "error", skipped: "warning" }[kind] }, [KINDS[kind], timeOf(first)].filter(Boolean).join(" ")), ...steps,
    ...jobTable(found, taken.reduce((sum, row) => sum + row.count, 0))]);
}

function showStatus(name) {
  const status = statuses.get(name);
  const entered = data.entered[name] ?? 0;
  const found = data.histories.filter((job) => job.events.some((event) => event.kind === "status" && event.word === name));
  const part = (title, rows, other) => (rows.length ? [el("h3", {}, title), table(["Status", "Times", "Share", ...(other === "to" ? ["Time until then"] : [])],
    rows.sort((a, b) => b.count - a.count).map((row) => [statusLink(row[other]), `${number(row.count)}${row.kind === "legal" ? "" : `, ${row.kind}`}`, share(row.count, entered), ...(other === "to" ? [timeOf(row)] : [])]))] : []);
  show(name, [el("p", {}, status.description), el("p", { class: "hint" }, `Entered ${things(entered, "time")}.${status.ends ? ` Ends a job: ${status.ends}.` : ""}`),
    ...part("Before it", steps.filter((row) => row.to === name), "name"), ...part("After it", steps.filter((row) => row.name === name), "to"), ...jobTable(found, entered)]);
}

// --- A job as a timeline.

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

function showJob(job) {
  const items = [];
  let last = null;
  const findings = (after) => job.findings.filter((finding) => finding.after === after).map((finding) =>
    el("p", { class: finding.severity }, el("b", {}, `${finding.severity}: ${finding.rule} `), el("span", {}, finding.message)));
  if (findings(0).length) items.push(el("li", {}, el("time"), el("span", { class: "mark" }), el("div", {}, ...findings(0))));
  const waits = job.events.map((event, at) => {
    if (event.kind !== "status" || !statuses.get(event.word)?.awaits || event.at === undefined) return 0;
    const next = job.events.slice(at + 1).find((other) => other.kind === "status" && other.at !== undefined);
    return next ? Math.max(0, next.at - event.at) : 0;
  });
  const longest = Math.max(1, ...waits);
  job.events.forEach((event, at) => {
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
  const first = job.events.find((event) => event.at !== undefined);
  const intro = [first ? `Times in UTC, from ${clock(first.at).slice(0, 10)} on.` : "The records have no times: the lines are shown."];
  if (job.left_out) intro.push(`${things(job.left_out, "more event")} not shown.`);
  show(`Job ${job.id}`, [el("p", { class: "hint" }, intro.join(" ")), el("ol", { class: "life" }, ...items)]);
}

function prepareJobs() {
  $("ids").append(...data.histories.slice(0, 1000).map((job) => el("option", { value: job.id })));
  $("job-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const id = $("job").value.trim();
    $("no-job").textContent = jobs.has(id) ? "" : "This job is not in this page. cardsavr trace shows any job.";
    if (jobs.has(id)) open(`#job-${encodeURIComponent(id)}`);
  });
}

// --- Links into the page: a job, a status, a rule, or a filter of the findings.

function open(hash) {
  if (location.hash === hash) follow();
  else location.hash = hash;
}

function follow() {
  const [, kind, name] = /^#(job|status|rule)-(.+)$/.exec(location.hash) ?? [];
  if (kind === "job" && jobs.has(decodeURIComponent(name))) showJob(jobs.get(decodeURIComponent(name)));
  else if (kind === "status" && statuses.has(name)) showStatus(name);
  else if (kind === "rule" && $(`rule-${name}`)) {
    for (let fold = $(`rule-${name}`); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    $(`rule-${name}`).scrollIntoView();
  } else if (location.hash.startsWith("#findings")) {
    const filter = new URLSearchParams(location.hash.split("?")[1]);
    for (const id of ["text", "severity", "rule"]) $(id).value = filter.get(id) ?? "";
    limit = 20;
    listFindings();
    $("filters").scrollIntoView();
  }
}

describe();
prepareFindings();
prepareCycle();
drawEnds();
drawWaits();
prepareJobs();
addEventListener("hashchange", follow);
follow();
