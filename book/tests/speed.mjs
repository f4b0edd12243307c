// Measures how soon a reader with a slow phone connection sees a page of the built book, and how much is sent:
//
//     node book/tests/speed.mjs target/book /usr/bin/chromium
//
// Each page is opened three times in a fresh profile, at 1.6 Mbit/s with 150 ms of latency and texts zipped,
// and the best time counts: a busy machine only adds to it. A line has the page, the time of its largest
// contentful paint, the bytes, and both as parts of their limits. A third argument chooses pages by their name.

import { readdir } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { serve } from './serve.mjs';

const [site, executablePath, part = ''] = process.argv.slice(2);
const LIMITS = { paint: 1500, bytes: 400_000 };
const LINK = { offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 750e3 / 8 };

const server = await serve(site, { zipped: true });
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });
const files = await readdir(site, { recursive: true });
const pages = files.filter((file) => file.endsWith('.html') && !/(^|\/)(toc\.html$|results\/|figures\/)/.test(file));
const seen = [];
for (const page of pages.filter((page) => page.includes(part)).sort()) {
  const visits = [];
  for (let visit = 0; visit < 3; visit += 1) visits.push(await measure(`${server.address}/${page}`));
  const paint = Math.min(...visits.map(({ paint }) => paint));
  seen.push({ page, paint, bytes: visits[0].bytes });
  const ratios = [paint / LIMITS.paint, visits[0].bytes / LIMITS.bytes].map((ratio) => ratio.toFixed(2));
  console.log(`${page}: ${Math.round(paint)} ms, ${visits[0].bytes} bytes, ${ratios.join(' and ')} of the limits`);
}
for (const [what, limit] of Object.entries(LIMITS)) {
  const most = seen.reduce((most, one) => (one[what] > most[what] ? one : most));
  const over = seen.filter((one) => one[what] > limit).length;
  console.log(`${what}: ${over} of ${seen.length} pages over the limit; the highest is ${most.page}, ${(most[what] / limit).toFixed(2)} of it`);
}
await browser.close();
server.close();

async function measure(url) {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  try {
    const page = await context.newPage();
    const link = await context.newCDPSession(page);
    await link.send('Network.enable');
    await link.send('Network.emulateNetworkConditions', LINK);
    let bytes = 0;
    link.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
    await page.goto(url, { waitUntil: 'load' });
    const paint = await page.evaluate(() => new Promise((found) => {
      new PerformanceObserver((list) => found(list.getEntries().at(-1).startTime)).observe({ type: 'largest-contentful-paint', buffered: true });
    }));
    return { paint, bytes };
  } finally {
    await context.close();
  }
}
