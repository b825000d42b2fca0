"use strict";
// The page's data is text of a log: it is only ever set as the text of an element.
const $ = (id) => document.getElementById(id);
const data = JSON.parse($("data").textContent);

/** An HTML element with attributes and children: elements or texts. */
function el(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** An SVG element. */
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
const share = (count, all) => `${((100 * count) / Math.max(1, all)).toFixed(1)} %`;

/** A duration in its two largest units. */
function span(ms) {
  if (ms < 1000) return `${ms} ms`;
  const s = Math.floor(ms / 1000);
  if (s < 60) return `${(ms / 1000).toFixed(1)} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

const clock = (at) => {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? `${at} ms` : date.toISOString();
};

// --- What the log has.

const rows = (table) => data.rows.filter((row) => row.table === table);
const steps = rows("transition");
const statuses = new Map(data.statuses.map((status) => [status.status, status]));
const jobs = new Map(data.histories.map((job) => [job.id, job]));
const { types } = data;
// A terminal status that ends a job with any type has no type of its own.
for (const status of data.statuses) status.ends = status.phase === "terminated" ? status.termination_type ?? "any type" : null;
const endings = [...types, "any type"].filter((type) => data.statuses.some((status) => status.ends === type));
const ended = (type) => rows("job").find((row) => row.name === type)?.count ?? 0;

// --- Light and dark.

const dark = matchMedia("(prefers-color-scheme: dark)");
let theme = null;
const paint = () => (document.documentElement.dataset.theme = theme ?? (dark.matches ? "dark" : "light"));
dark.addEventListener("change", paint);
$("theme").addEventListener("click", () => {
  theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  paint();
});
paint();

// --- A table with a label on each cell, for narrow screens.

function table(columns, cells) {
  return el("table", {}, el("thead", {}, el("tr", {}, ...columns.map((name) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, ...cells.map((row) => line(columns, row))));
}

function line(columns, row) {
  return el("tr", {}, ...row.map((cell, at) => {
    const made = el("td", { "data-label": columns[at] });
    made.append(cell);
    return made;
  }));
}
