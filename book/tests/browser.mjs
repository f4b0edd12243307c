// Tries the built book in a real browser, on behalf of book/bookgen/tests/browser.rs.
//
//     node browser.mjs SITE CHROMIUM
//
// Reads one request a line, such as {"url":"http://…","cases":[{"case":"axe","theme":"navy"}]}, and
// answers each with one line: {"seen":[…]} with what each case saw, or {"failed":"why"}. The first line
// that it writes is {"served":"http://…"}.

import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';
import * as cases from './cases.mjs';
import { serve } from './serve.mjs';

const [site, executablePath] = process.argv.slice(2);
const server = await serve(site);
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
answer({ served: server.address });

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  try {
    answer({ seen: await visit(request) });
  } catch (error) {
    answer({ failed: error.stack ?? String(error) });
  }
}
await browser.close();
server.close();

/** Opens the page of a request in a fresh profile, and lets its cases look at it, one after another. */
async function visit({ url, root, scripts = true, cases: looks }) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, javaScriptEnabled: scripts });
  try {
    // On a busy machine the page that has all chapters takes its time.
    context.setDefaultTimeout(60_000);
    // The page that has all chapters asks for a printer as soon as it is there.
    await context.addInitScript(() => (window.print = () => {}));
    const page = await context.newPage();
    const heard = [];
    page.on('console', (message) => heard.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => heard.push(String(error)));
    const requests = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('requestfailed', (request) => heard.push(`could not load ${request.url()}`));
    await page.goto(url, { waitUntil: 'load' });
    const seen = [];
    for (const { case: name, ...more } of looks) {
      try {
        seen.push((await cases[name](page, { ...more, root, heard, requests })) ?? null);
      } catch (error) {
        throw new Error(`${name} ${more.theme ?? ''}: ${error.stack}`);
      }
    }
    return seen;
  } finally {
    await context.close();
  }
}

function answer(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
