// The HTML report in a real browser: usage browser.mjs REPORT MANY SHOTS, with a report of many findings and a folder for pictures.
import assert from "node:assert";
import { mkdirSync, mkdtempSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [report, many, shots] = process.argv.slice(2).map((path) => resolve(path));
const { chromium } = createRequire(join(process.cwd(), "package.json"))("playwright-core");
mkdirSync(shots, { recursive: true });

const context = await chromium.launchPersistentContext(mkdtempSync(join(tmpdir(), "charter-browser-")), {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  headless: true,
  viewport: { width: 1280, height: 900 },
  colorScheme: "light",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
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
const rows = () => page.locator(".finding").count();
const tab = (name) => page.getByRole("tab", { name }).click();

await timed("open", () => page.goto(pathToFileURL(report).href));
assert.match(await page.locator("#verdict").textContent(), /broken/);
const all = await rows();
assert(all > 5);
await shot("light");

await page.getByLabel("Severity").selectOption("warning");
assert((await rows()) < all || all === 100, "the filter filters");
assert.equal(await page.locator(".finding .tag.error").count(), 0);
await page.getByLabel("Severity").selectOption("");
await page.getByLabel("Search findings").fill("sample-rank");
const found = await page.locator(".finding").allTextContents();
assert(found.length > 0 && found.length < all);
await page.locator(".finding").first().locator("summary").click();
assert((await page.locator(".finding mark").first().textContent({ timeout: 5000 })).length > 0, "the location of the violation is marked");
await shot("exchange");
await page.getByLabel("Search findings").fill("matches no finding");
assert.equal(await rows(), 0);

// The response is formatted over several lines, with its header fields, also for a rule that compares two responses.
await page.getByLabel("Search findings").fill("run.sample-rank-never-changes");
await page.locator(".finding").first().locator("summary").click();
const text = await page.locator(".finding .exchange").first().textContent();
assert.match(text, /content-type: application\/json/);
assert.match(text, /\n {2}"id": "/);
assert.match(await page.locator(".finding mark").first().textContent(), /^0\.\d+$/);
await shot("over-time");

await tab(/Contract/);
await page.locator(".tree summary").filter({ hasText: "run.schema.json" }).first().click();
await page.locator(".tree summary").filter({ hasText: "properties" }).first().click();
await page.locator(".tree .node").nth(5).waitFor();
assert((await page.locator(".tree .all").count()) > 0);
await shot("tree");
await tab(/Rules/);
assert.match(await page.getByRole("status").textContent(), /^1–100 of 1\d\d rules$/, "the list states how many rules it shows");
await page.getByLabel("Search rules").fill("sample-rank");
assert.match(await page.locator("#rules tbody").textContent(), /run\.sample-rank-never-changes/);
assert((await page.locator("#rules tbody tr").count()) < 10);
await shot("rules");
await tab(/Over time/);
await page.locator(".timeline summary").first().click();
await page.locator(".time li").nth(1).waitFor();
assert.match(await page.locator(".time").first().textContent(), /batchId: null/, "null is not shown as absent");
await shot("timeline");

await page.getByRole("button", { name: "dark" }).click();
assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
await tab(/Findings/);
await shot("dark");
await page.keyboard.press("ArrowRight");
assert.equal(await page.evaluate(() => document.activeElement.id), "tab-contract", "the keyboard selects tabs");
await page.setViewportSize({ width: 375, height: 740 });
await tab(/Findings/);
assert((await page.evaluate(() => document.documentElement.scrollWidth)) <= 375, "the page fits the width of a phone");
await shot("phone");

await page.setViewportSize({ width: 1280, height: 900 });
await timed("open with many findings", () => page.goto(pathToFileURL(many).href));
assert.match(await page.locator("[role=status]").first().textContent(), /of 10,000 findings/);
assert((await rows()) <= 300);
await timed("search among many", () => page.getByLabel("Search findings").fill("script"));
assert((await rows()) > 0 && (await rows()) <= 300);
await page.locator(".finding").first().locator("summary").click();
await page.locator(".finding .facts").first().waitFor();
assert.equal(await page.evaluate(() => globalThis.planted), undefined, "a planted script does not run");
assert.equal(await page.locator("script[src], main script, main img").count(), 0);
assert(await page.locator(".finding").first().textContent().then((text) => text.includes("<script>")), "planted markup is displayed as text");
await shot("many");
await context.close();
assert.deepEqual(complaints, []);
console.log("html in a browser: loads, filters, searches, tree, timeline, dark, keyboard, phone, planted script stays text");
