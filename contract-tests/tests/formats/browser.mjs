// The HTML report in a real browser: usage browser.mjs REPORT MANY SHOTS, with a report of many findings and a folder for pictures.
import assert from "node:assert";
import { mkdirSync, mkdtempSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [report, many, shots] = process.argv.slice(2).map((path) => resolve(path));
const require = createRequire(join(process.cwd(), "package.json"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
mkdirSync(shots, { recursive: true });

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const context = await chromium.launchPersistentContext(mkdtempSync(join(tmpdir(), "charter-browser-")), {
  executablePath,
  headless: true,
  viewport: { width: 1280, height: 900 },
  colorScheme: "light",
  args,
});
const page = context.pages()[0] ?? (await context.newPage());
const complaints = [];
page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
page.on("pageerror", (error) => complaints.push(String(error)));
page.on("dialog", (dialog) => { complaints.push(`dialog ${dialog.message()}`); return dialog.dismiss(); });
page.on("request", (request) => request.url().startsWith("file:") || complaints.push(`request ${request.url()}`));
const shot = (name) => page.screenshot({ path: join(shots, `${name}.png`) });
const timed = async (what, act) => {
  const start = performance.now();
  await act();
  console.log(`${what}: ${Math.round(performance.now() - start)} ms`);
};
// The page routes on the event of a changed address, which comes after the click or the navigation returns.
const eventually = async (check, message) => {
  for (const end = performance.now() + 10_000; performance.now() < end; await page.waitForTimeout(20)) {
    if (await check()) return;
  }
  assert.fail(message);
};
const selected = (name) => eventually(async () => (await page.locator(`#tab-${name}`).getAttribute("aria-selected")) === "true", `the tab "${name}" is selected`);
const rows = () => page.locator(".finding").count();
const tab = async (name) => {
  await page.getByRole("tab", { name }).click();
  await eventually(async () => (await page.getByRole("tab", { name }).getAttribute("aria-selected")) === "true", `the tab ${name} is selected`);
};

// The rules of WCAG 2 and best practices. The content security policy of the page does not apply to `evaluate`.
const accessible = async (what) => {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] }));
  assert.deepEqual(violations.map(({ id, nodes }) => `${what}: ${id}: ${nodes.slice(0, 3).map(({ html }) => html.slice(0, 200)).join(" | ")}`), []);
};
const select = (label, value) => page.getByLabel(label, { exact: true }).selectOption(value);
const status = () => page.locator("#panel [role=status]").first().textContent();

await timed("open", () => page.goto(pathToFileURL(report).href));
assert.match(await page.locator("#verdict").textContent(), /broken/);
assert.match(await page.locator(".command").textContent(), /check .*contract-tests\/recordings\/broken/, "the page has the command");
assert.match(await page.locator(".run").textContent(), /date\d{4}-\d\d-\d\d/, "the page has the date");
const all = await rows();
assert(all > 5);
await shot("light");
await accessible("findings");

// The operation and the place are visible before a row is opened.
const closed = await page.locator(".finding summary").first().textContent();
assert.match(closed, /runs\.|artifacts\./);
assert.match(closed, /contract-tests\/recordings\/broken\/[^:]+:\d+/);

await select("Severity", "warning");
assert.match(await status(), /^\d+ of /, "the filter by severity filters");
assert.equal(await page.locator(".group .tag.error").count(), 0);
await page.getByRole("button", { name: "Clear" }).click();
await select("Status", "404");
assert.match(await status(), /^\d+ of /, "the filter by status filters");
await page.getByRole("button", { name: "Clear" }).click();
const operation = await page.getByLabel("Operation", { exact: true }).locator("option").nth(1).getAttribute("value");
await select("Operation", operation);
assert((await page.locator(".finding summary").allTextContents()).every((text) => text.includes(operation)), "the filter by operation filters");
await page.getByRole("button", { name: "Clear" }).click();
const file = "contract-tests/recordings/broken/maximum.sample-rank.ndjson";
await select("File", file);
assert((await page.locator(".finding summary").allTextContents()).every((text) => text.includes(file)), "the filter by file filters");
await page.getByRole("button", { name: "Clear" }).click();

await page.getByLabel("Search findings").fill("sample-rank");
const found = await page.locator(".finding").allTextContents();
assert(found.length > 0 && found.length < all);
await page.locator(".finding summary").first().click();
assert((await page.locator(".finding mark").first().textContent({ timeout: 5000 })).length > 0, "the location of the violation is marked");
await shot("exchange");
await accessible("an open finding");

// A finding has an address, and commands to copy.
await page.evaluate(() => { navigator.clipboard.writeText = async (text) => { globalThis.copied = text; }; });
const copied = async (name) => {
  await page.getByRole("button", { name, exact: true }).first().click();
  return page.evaluate(() => globalThis.copied);
};
assert.match(await copied("Copy as curl"), /^curl .*\/api\/v1\/runs/);
assert(!(await copied("Copy as curl").catch(() => "")).includes("Bearer e"), "a secret is not copied");
assert.match(await copied("Copy extract command"), /^cargo xtask extract |^charter extract /);
const address = await copied("Copy link");
assert.match(address, /#finding-[0-9a-f]+-\d+$/);
await page.goto("about:blank");
await page.goto(address);
await eventually(async () => (await page.locator(".finding[open]").count()) === 1, "the address opens the finding");
await page.waitForFunction((id) => document.activeElement.parentElement?.id === id, new URL(address).hash.slice(1), { timeout: 5000 });

await page.getByLabel("Search findings").fill("matches no finding");
await eventually(async () => (await rows()) === 0, "a search without a match shows no finding");
// The response is formatted over several lines, with its header fields, also for a rule that compares two responses.
await page.getByLabel("Search findings").fill("run.sample-rank-never-changes");
await page.locator(".finding summary").first().click();
const text = await page.locator(".finding .exchange").first().textContent();
assert.match(text, /content-type: application\/json/);
assert.match(text, /\n {2}"id": "/);
assert.match(await page.locator(".finding mark").first().textContent(), /^0\.\d+$/);
await shot("over-time");

// Links from a finding to its rule and back.
await page.getByRole("button", { name: "rule", exact: true }).first().click();
await selected("rules");
assert.match(await page.locator("tr.target").textContent(), /run\.sample-rank-never-changes/);
await page.locator("tr.target").getByRole("button", { name: "findings" }).click();
await selected("findings");
await eventually(async () => (await rows()) > 0, "the rule has findings");
assert((await page.locator(".group h2").allTextContents()).every((id) => id === "run.sample-rank-never-changes"));
await page.goBack();
await selected("rules");
await page.goto(`${pathToFileURL(report).href}#findings`);
await selected("findings");
await page.getByRole("button", { name: "Clear" }).click();
await page.getByLabel("Search findings").fill("maximum");
await page.locator(".finding summary").first().click();
await page.locator(".finding .facts").getByRole("button").first().click();
await selected("coverage");
await page.locator(".tree .target").waitFor();

await tab(/Coverage/);
assert((await page.locator(".meter").count()) > 5, "coverage has bars");
await page.locator(".tree summary").filter({ hasText: "run.schema.json" }).first().click();
await page.locator(".tree summary").filter({ hasText: "properties" }).first().click();
await page.locator(".tree .node").nth(5).waitFor();
assert((await page.locator(".tree .all").count()) > 0);
await page.evaluate(() => scrollTo(0, 0));
await shot("coverage");
await accessible("coverage");
await tab(/Rules/);
await eventually(async () => /^1–100 of 1\d\d rules$/.test(await status()), "the list states how many rules it shows");
await page.getByLabel("Search rules").fill("sample-rank");
assert.match(await page.locator("#rules tbody").textContent(), /run\.sample-rank-never-changes/);
assert((await page.locator("#rules tbody tr").count()) < 10);
await shot("rules");
await accessible("rules");
await tab(/Over time/);
await page.locator(".timeline summary").first().click();
await page.locator(".time li").nth(1).waitFor();
assert.match(await page.locator(".time").first().textContent(), /previousRunId: null/, "null is not shown as absent");
await shot("timeline");
await accessible("timelines");
await tab(/Inputs/);
await page.locator("#panel table").getByRole("button").first().click();
await selected("findings");
await tab(/Inputs/);
await shot("inputs");
await accessible("inputs");

await page.getByRole("button", { name: "Dark colours" }).click();
assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
await tab(/Findings/);
await page.getByRole("button", { name: "Clear" }).click();
await page.locator(".finding summary").first().click();
await shot("dark");
await accessible("dark");
await tab(/Coverage/);
await shot("dark-coverage");
await accessible("dark coverage");
await tab(/Findings/);
await page.locator("#tab-findings").focus();
await page.keyboard.press("ArrowRight");
await eventually(async () => (await page.evaluate(() => document.activeElement.id)) === "tab-coverage", "the keyboard selects tabs");
await page.setViewportSize({ width: 375, height: 740 });
for (const name of [/Inputs/, /Rules/, /Coverage/, /Findings/]) {
  await tab(name);
  assert((await page.evaluate(() => document.documentElement.scrollWidth)) <= 375, `${name} fits the width of a phone`);
}
await page.evaluate(() => scrollTo(0, 0));
await shot("phone");
await page.locator(".finding summary").first().click();
await shot("phone-finding");
await accessible("phone");

await page.setViewportSize({ width: 1280, height: 900 });
assert(statSync(many).size < 3_000_000, `a report of 10,000 findings has ${statSync(many).size} bytes`);
await timed("open with many findings", () => page.goto(pathToFileURL(many).href));
await eventually(async () => /^10,000 findings/.test(await status()), "the report has 10,000 findings");
assert((await rows()) <= 300);
await timed("search among many", () => page.getByLabel("Search findings").fill("script"));
assert((await rows()) > 0 && (await rows()) <= 300);
await page.getByRole("button", { name: /^Show 50 more/ }).first().click();
await page.locator(".finding summary").first().click();
await page.locator(".finding .facts").first().waitFor();
assert.equal(await page.evaluate(() => globalThis.planted), undefined, "a planted script does not run");
assert.equal(await page.locator("script[src], main script, main img").count(), 0);
assert(await page.locator(".finding").first().textContent().then((text) => text.includes("<script>")), "planted markup is displayed as text");
await shot("many");

// Without scripts, the page has the verdict, the facts about the run and the first findings.
const plain = await context.browser()?.newContext({ javaScriptEnabled: false }) ?? (await chromium.launch({ executablePath, args }).then((other) => other.newContext({ javaScriptEnabled: false })));
const still = await plain.newPage();
await still.goto(pathToFileURL(report).href);
assert.match(await still.locator("#verdict").textContent(), /broken/);
assert.equal(await still.locator("#panel details.row").count(), 50);
await still.locator("#panel summary").first().click();
await still.screenshot({ path: join(shots, "no-script.png") });
await plain.browser()?.close();
await context.close();
assert.deepEqual(complaints, []);
console.log("html in a browser: loads, filters, searches, addresses, links, coverage, timeline, dark, keyboard, phone, accessible, without scripts; a planted script stays text");
