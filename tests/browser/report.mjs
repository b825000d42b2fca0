// The report in a browser, as a person goes through it: `node report.mjs DIRECTORY`, which has ten.html and many.html.
import assert from "node:assert/strict";
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

/** Opens a report; whatever it complains of or asks for is a failure at the end. */
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

for (const name of ["ten.html", "many.html"]) {
  const page = await open(name);
  assert.equal(await page.locator(".node").count(), 46);
  assert.ok((await page.locator(".edge").count()) >= 223);
  // Ten jobs can't take every transition.
  assert.ok(name === "many.html" || (await page.locator(".edge.never").count()) > 100);

  // A red transition, and the job behind it.
  const red = page.locator(".edge.illegal").first();
  const [from, to] = [await red.getAttribute("data-from"), await red.getAttribute("data-to")];
  await red.locator(".hit").dispatchEvent("click");
  assert.equal(await title(page), `${from} → ${to}`);
  const id = await page.locator(".jobs button").first().textContent();
  await page.locator(".jobs button").first().click();
  assert.equal(await title(page), `Job ${id}`);
  assert.ok((await page.locator(".life .illegal").count()) > 0);
  assert.match(await page.textContent(".life p.error"), /illegal-transition|message-after-termination/);
  await page.click("#back");
  assert.equal(await title(page), `${from} → ${to}`);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#dialog").isVisible(), false);

  // A status.
  await page.locator('.node[data-status="QUEUED"]').click();
  assert.equal(await title(page), "QUEUED");
  await page.click("#close");

  // The findings, filtered.
  const count = async () => Number((await page.textContent("#found")).split(" ")[0].replace(",", ""));
  const all = await count();
  await page.selectOption("#rule", "illegal-transition");
  const some = await count();
  assert.ok(some > 0 && some < all, `${some} of ${all}`);
  assert.deepEqual([...new Set(await page.locator("#rows td:nth-child(2)").allTextContents())], ["illegal-transition"]);
  await page.fill("#text", "no such text");
  assert.equal(await count(), 0);
  await page.fill("#text", "");
  await page.selectOption("#rule", "");
  await page.selectOption("#severity", "warning");
  assert.ok((await count()) < all);

  // Any job that is there.
  await page.fill("#job", id);
  await page.click("#job-form button");
  assert.equal(await title(page), `Job ${id}`);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#sampled").isVisible(), name === "many.html");
  await close(page);
}

// By keyboard alone: from the top to a transition, to its job, and back to where it began.
{
  const page = await open("ten.html");
  const focused = () => page.evaluate(() => document.activeElement.getAttribute("class") ?? document.activeElement.id);
  let at = "";
  for (let presses = 0; presses < 200 && !at.includes("illegal"); presses++) {
    await page.keyboard.press("Tab");
    at = await focused();
  }
  assert.match(at, /illegal/);
  await page.keyboard.press("Enter");
  assert.match(await title(page), /→/);
  for (let presses = 0; presses < 5 && (await focused()) !== "link"; presses++) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.match(await title(page), /^Job /);
  await page.keyboard.press("Escape");
  assert.match(await focused(), /illegal/);
  await close(page);
}

// Light and dark: as the system has it, and as it is chosen.
{
  const [light, dark] = [await open("ten.html"), await open("ten.html", { colorScheme: "dark" })];
  assert.notEqual(await background(light), await background(dark));
  const before = await background(light);
  await light.click("#theme");
  assert.equal(await background(light), await background(dark));
  await light.click("#theme");
  assert.equal(await background(light), before);
  await light.screenshot({ path: `${directory}/light.png`, fullPage: true });
  await dark.screenshot({ path: `${directory}/dark.png`, fullPage: true });
  await close(light);
  await close(dark);
}

// A phone: the page is no wider than it, and neither is a job's life.
{
  const page = await open("many.html", { width: 360 });
  const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(await overflow(), 0);
  assert.ok(await page.evaluate(() => document.getElementById("cycle").scrollWidth > 360));
  await page.screenshot({ path: `${directory}/phone.png`, fullPage: true });
  await page.locator("#rows button.link").first().click();
  assert.equal(await page.evaluate(() => document.getElementById("dialog").scrollWidth <= 360), true);
  await page.screenshot({ path: `${directory}/life.png` });
  await close(page);
}

await browser.close();
console.log("the report does what it should in a browser");
