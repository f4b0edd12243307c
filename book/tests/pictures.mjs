// Draws what other sites show of the book, from the curve of a real run and the icon:
//
//     node book/tests/pictures.mjs /usr/bin/chromium
//
// writes book/src/social.png and book/theme/favicon.png. Run it again when that curve has changed.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const path = (name) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const [curve, icon] = await Promise.all(
  ['scenarios/slice-dup/results/curve.svg', 'book/theme/favicon.svg'].map((name) => readFile(path(name), 'utf8')));
const browser = await chromium.launch({ executablePath: process.argv[2], args: ['--no-sandbox', '--disable-gpu'] });
await shoot('book/theme/favicon.png', 64, 64, `<style>svg { display: block; width: 64px }</style>${icon}`);
await shoot('book/src/social.png', 1200, 630, `<style>
  body { box-sizing: border-box; height: 630px; padding: 28px 60px; background: #fff; color: #222; font-family: sans-serif; text-align: center }
  h1 { margin: 0 0 6px; font-size: 46px }
  p { margin: 0 0 12px; font-size: 24px; color: #555 }
  svg { height: 470px }
</style><h1>Out of Memory, on Purpose</h1><p>Breaks memory for real, shows the curve, explains it, fixes it.</p>${curve}`);
await browser.close();

async function shoot(name, width, height, html) {
  const page = await browser.newPage({ viewport: { width, height } });
  await page.setContent(`<body style="margin: 0">${html}`);
  await page.screenshot({ path: path(name), omitBackground: true });
}
