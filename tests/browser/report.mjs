// Uses the report in a browser as a person does: `node report.mjs DIRECTORY`, which has ten.html, many.html, lawful.html and lawful-2026.html.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const directory = process.argv[2];
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
  ],
});

/** Opens a report; any error in its console and any request that it makes is a failure at the end. */
async function open(name, { width = 1200, colorScheme = "light" } = {}) {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  page.wrong = [];
  page.on("console", (message) => message.type() === "error" && page.wrong.push(message.text()));
  page.on("pageerror", (error) => page.wrong.push(String(error)));
  page.on("request", (request) => request.url().startsWith("file:") || page.wrong.push(request.url()));
  await page.goto(pathToFileURL(`${directory}/${name}`).href);
  await page.waitForSelector("#cycle svg");
  return page;
}

async function close(page) {
  assert.deepEqual(page.wrong, []);
  await page.close();
}

const background = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
const title = (page) => page.textContent("#dialog-title");
const count = async (page) => Number((await page.textContent("#found")).split(" ")[0].replace(",", ""));

/** Fails on any violation of the accessibility rules of axe. */
async function accessible(page) {
  await page.addScriptTag({ path: new URL("node_modules/axe-core/axe.min.js", import.meta.url).pathname });
  const { violations } = await page.evaluate(() => axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] }));
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).slice(0, 3)}`), []);
}

for (const name of ["ten.html", "many.html"]) {
  const page = await open(name);
  assert.match(await page.textContent("#verdict"), /^✗ [\d,]+ errors in [\d,]+ jobs$/);
  assert.ok((await page.locator(".node").count()) >= 17);

  // An illegal transition, a job with it, and back.
  await page.check('input[name="mode"][value="illegal"]');
  const red = page.locator(".edge.illegal, .dot.illegal").first();
  await red.locator(".hit").dispatchEvent("click", { bubbles: true });
  const step = await title(page);
  assert.match(step, / → /);
  const id = await page.locator('#dialog a[href^="#job-"]').first().textContent();
  await page.locator('#dialog a[href^="#job-"]').first().click();
  await page.waitForFunction((job) => document.getElementById("dialog-title").textContent === job, `Job ${id}`);
  assert.ok((await page.locator(".life .illegal").count()) > 0);
  assert.match(await page.textContent(".life p.error"), /illegal-transition|message-after-termination/);
  await page.click("#back");
  assert.equal(await title(page), step);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#dialog").isVisible(), false);

  // Each switch of the diagram, an expanded column, and the search.
  await page.check('input[name="mode"][value="all"]');
  const all = await page.locator(".edge").count();
  await page.check('input[name="mode"][value="common"]');
  assert.ok((await page.locator(".edge").count()) <= all);
  await page.check('input[name="mode"][value="never"]');
  assert.ok((await page.locator(".edge.never").count()) > 0 || name === "many.html");
  await page.check('input[name="mode"][value="all"]');
  const columns = await page.locator(".heading").count();
  await page.locator('.heading[data-column="USER_DATA_FAILURE"]').click();
  assert.ok((await page.locator(".heading").count()) > columns);
  await page.locator('.heading[data-column="TIMEOUT_TFA"]').click();
  assert.equal(await page.locator(".heading").count(), columns);
  await page.fill("#search", "PENDING_TFA");
  assert.ok((await page.locator(".edge.lit").count()) > 0);
  assert.ok((await page.locator(".edge:not(.lit)").count()) > 0);
  await page.fill("#search", "");

  // A status: its predecessors and successors.
  await page.locator('.node[data-status="QUEUED"]').click();
  assert.equal(await title(page), "QUEUED");
  assert.match(await page.textContent("#dialog-body"), /Before it[^]*REQUESTED[^]*After it[^]*IN_PROGRESS[^]*Jobs/);
  await page.click("#close");

  // The findings: the explanation of a rule, filters, a count that filters, and the order.
  await page.locator("#rule-illegal-transition summary").click();
  assert.match(await page.textContent("#rule-illegal-transition"), /Why:[^]*How to fix it:[^]*job_status/);
  const found = await count(page);
  await page.locator('#rule-illegal-transition a[href^="#findings"]').click();
  await page.waitForFunction(() => document.getElementById("rule").value === "illegal-transition");
  const some = await count(page);
  assert.ok(some > 0 && some < found, `${some} of ${found}`);
  assert.deepEqual([...new Set(await page.locator("#rows td:nth-child(2)").allTextContents())], ["illegal-transition"]);
  await page.fill("#text", "no such text");
  assert.equal(await count(page), 0);
  await page.fill("#text", "");
  await page.selectOption("#rule", "");
  await page.locator("#tiles button").nth(1).click();
  await page.waitForFunction(() => document.getElementById("severity").value === "warning");
  assert.deepEqual([...new Set(await page.locator("#rows td:first-child").allTextContents())], ["warning"]);
  await page.selectOption("#severity", "");
  await page.locator('th button:text("Severity")').click();
  assert.equal(await page.locator("#rows td:first-child").first().textContent(), "error");
  await page.locator('th button:text("Severity")').click();
  assert.notEqual(await page.locator("#rows td:first-child").first().textContent(), "error");

  // The table as a file.
  const download = page.waitForEvent("download");
  await page.click("#export");
  const lines = readFileSync(await (await download).path(), "utf8").trim().split("\r\n");
  assert.equal(lines.length, 1 + (await count(page)));

  // Any job of the report, by its id and by a link.
  await page.fill("#job", id);
  await page.click("#job-form button");
  await page.waitForFunction((job) => document.getElementById("dialog-title").textContent === job, `Job ${id}`);
  await page.keyboard.press("Escape");
  await page.goto(`${page.url().split("#")[0]}#job-${id}`);
  await page.waitForFunction((job) => document.getElementById("dialog-title").textContent === job, `Job ${id}`);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#sampled").isVisible(), name === "many.html");
  if (name === "ten.html") await accessible(page);
  await close(page);
}

// By keyboard alone: few stops to the diagram, arrow keys to a transition, its job, and back to where it began.
{
  const page = await open("ten.html");
  const focused = () => page.evaluate(() => document.activeElement.getAttribute("class") ?? document.activeElement.id);
  const inDiagram = () => page.evaluate(() => document.getElementById("cycle").contains(document.activeElement));
  let stops = 0;
  for (; stops < 30 && !(await inDiagram()); stops++) await page.keyboard.press("Tab");
  assert.ok(await inDiagram(), `the diagram is not among the first ${stops} stops`);
  await page.keyboard.press("Tab");
  assert.equal(await inDiagram(), false, "the diagram is one stop");
  await page.keyboard.press("Shift+Tab");
  let at = await focused();
  for (let presses = 0; presses < 40 && !/edge|dot/.test(at); presses++) {
    for (const key of ["ArrowDown", "ArrowRight"]) {
      await page.keyboard.press(key);
      at = await focused();
      if (/edge|dot/.test(at)) break;
    }
  }
  assert.match(at, /edge|dot/);
  assert.match(await page.textContent("#pointed"), / → .*time/);
  await page.keyboard.press("Enter");
  assert.match(await title(page), /→/);
  const onJob = () => page.evaluate(() => document.activeElement.getAttribute("href")?.startsWith("#job-"));
  for (let presses = 0; presses < 20 && !(await onJob()); presses++) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.getElementById("dialog-title").textContent.startsWith("Job "));
  await page.keyboard.press("Escape");
  assert.match(await focused(), /edge|dot/);
  await close(page);
}

// A log without a finding, of each edition.
for (const name of ["lawful.html", "lawful-2026.html"]) {
  const page = await open(name);
  assert.equal(await page.locator(".node").count(), 17);
  await page.check('input[name="mode"][value="illegal"]');
  assert.equal(await page.locator(".edge, .dot").count(), 0);
  assert.match(await page.textContent("#verdict"), /^✓ No error/);
  assert.match(await page.textContent("#broken"), /follows the protocol/);
  await close(page);
}

// Light and dark: by the system's setting, and by choice.
{
  const [light, dark] = [await open("ten.html"), await open("ten.html", { colorScheme: "dark" })];
  assert.notEqual(await background(light), await background(dark));
  const before = await background(light);
  await light.click("#theme");
  assert.equal(await background(light), await background(dark));
  await light.click("#theme");
  assert.equal(await background(light), before);
  await accessible(dark);
  await light.screenshot({ path: `${directory}/light.png`, fullPage: true });
  await dark.screenshot({ path: `${directory}/dark.png`, fullPage: true });
  await close(light);
  await close(dark);
}

// A phone: neither the page nor a job's history is wider than the screen.
{
  const page = await open("many.html", { width: 360 });
  const smallest = () => page.evaluate(() => Math.min(...[...document.querySelectorAll("body *")].filter((element) => element.checkVisibility() && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())).map((element) => parseFloat(getComputedStyle(element).fontSize) * (element.ownerSVGElement ? Math.hypot(element.getScreenCTM().a, element.getScreenCTM().b) : 1))));
  assert.ok((await smallest()) >= 11 - 1e-6, `${await smallest()} px`);
  const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(await overflow(), 0);
  assert.ok(await page.evaluate(() => document.getElementById("cycle").scrollWidth > 360));
  await page.screenshot({ path: `${directory}/phone.png`, fullPage: true });
  await page.locator('#rows a[href^="#job-"]').first().click();
  assert.equal(await page.evaluate(() => document.getElementById("dialog").scrollWidth <= 360), true);
  await page.screenshot({ path: `${directory}/life.png` });
  await close(page);
}

await browser.close();
console.log("the report does what it should in a browser");
