// What is tried on a page. A case fails by throwing; what it returns is judged by who asked.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const RULES_OF_COLOURS = ['color-contrast', 'link-in-text-block'];

/**
 * No rule of WCAG 2.2 AA that a program can check is broken, with all that can be opened open. A
 * theme is colours alone, so in another than the first one only the rules on colours are asked.
 */
export async function axe(page, { theme }) {
  await showAll(page);
  const runOnly = theme === 'light' ? { type: 'tag', values: RULES } : { type: 'rule', values: RULES_OF_COLOURS };
  await page.addStyleTag({ content: '* { transition: none !important }' });
  await page.evaluate((theme) => document.getElementById(`mdbook-theme-${theme}`).click(), theme);
  assert.ok((await page.locator('html').getAttribute('class')).split(' ').includes(theme));
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axeSource);
  // Preloading would fetch style sheets, which a page from a disk may not.
  const { violations } = await page.evaluate((runOnly) => window.axe.run(document, { preload: false, runOnly }), runOnly);
  const found = violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`));
  assert.deepEqual(found, []);
}

/** The page says nothing to the console, loads all that it asks for, and asks nobody else. */
export async function quiet(page, { heard, requests, root }) {
  await page.mouse.wheel(0, 3000);
  await page.waitForTimeout(100);
  assert.deepEqual(heard, []);
  assert.deepEqual(requests.filter((url) => !url.startsWith(root) && !url.startsWith('data:')), []);
}

/** Nothing is wider than a phone. */
export async function fits(page) {
  await showAll(page);
  const size = page.viewportSize();
  await page.setViewportSize({ ...size, width: 360 });
  const [wide, width] = await page.evaluate(() => [document.scrollingElement.scrollWidth, innerWidth]);
  assert.ok(wide <= width, `the page is ${wide} wide, and the window ${width}`);
  await page.setViewportSize(size);
}

/** Pictures, values and answers are there without any script. */
export async function without_scripts(page) {
  for (const figure of await page.locator('.lab-fig').all()) {
    assert.ok(await figure.locator('.lab-plot svg').isVisible());
    await figure.locator('summary').click();
    assert.ok(await figure.locator('table').isVisible());
    assert.equal(await figure.locator('input').count(), 0);
  }
  for (const question of await page.locator('.lab-predict').all()) {
    assert.ok(!(await question.locator('button').isVisible()), 'a button that does nothing');
    await question.locator('summary').click();
    assert.ok(await question.locator('.lab-answer p').isVisible());
  }
}

/** Points at every quarter of each figure, and then goes on by keys; returns what was read. */
export async function readings(page) {
  await showAll(page);
  const seen = [];
  for (const figure of await page.locator('.lab-fig').all()) {
    await figure.scrollIntoViewIfNeeded();
    const readings = [];
    for (const metric of await metrics(figure)) {
      if (metric) await figure.locator('select').selectOption(metric);
      for (const quarter of [1, 2, 3]) {
        await pointAt(page, figure, quarter / 4);
        readings.push({ metric, ...(await reading(figure)) });
      }
      await figure.locator('input[type=range]').focus();
      for (const key of ['Home', 'ArrowRight', 'ArrowRight', 'PageUp', 'PageUp', 'ArrowLeft', 'End', 'ArrowLeft']) {
        await page.keyboard.press(key);
        readings.push({ metric, ...(await reading(figure)) });
      }
    }
    const { scenario, metric, runs } = JSON.parse(await figure.locator('.lab-json').textContent());
    const points = ({ series }) => Object.fromEntries(Object.entries(series).map(([name, { t }]) => [name, t.length]));
    const of = runs.map((run) => ({ variant: run.variant, started: run.started, metric: run.metric ?? null, own: run.own, points: points(run) }));
    seen.push({ scenario, metric, runs: of, readings });
  }
  return seen;
}

/** Brings a file by hand, and drops it; its curve appears, can be read, and can be removed. */
export async function own_record(page, { name, text }) {
  await showAll(page);
  const figure = page.locator('.lab-fig').first();
  const before = await figure.locator('li').count();
  await figure.locator('input[type=file]').setInputFiles({ name, mimeType: '', buffer: Buffer.from(text) });
  const row = figure.locator('li').nth(before);
  await row.waitFor();
  const ink = await row.getAttribute('class');
  assert.equal(await figure.locator(`.lab-live path.${ink}`).count(), 2, 'a curve and a lane');
  await pointAt(page, figure, 0.25);
  const seen = { label: await row.locator('label').innerText(), message: await message(figure), ...(await reading(figure)) };
  await row.getByRole('button', { name: 'Remove' }).click();
  assert.equal(await figure.locator('li').count(), before);
  await drop(figure, name, text);
  await row.waitFor();
  assert.equal(await page.evaluate(() => window.harm), undefined, 'a text of the record was run');
  assert.equal(await page.locator('.lab-fig img').count(), 0);
  return seen;
}

/** Brings a file; returns the highest value that is said of it. */
export async function own_peak(page, { name, text }) {
  await showAll(page);
  const figure = page.locator('.lab-fig').first();
  const before = await figure.locator('li').count();
  await figure.locator('input[type=file]').setInputFiles({ name, mimeType: '', buffer: Buffer.from(text) });
  const row = figure.locator('li').nth(before);
  await row.waitFor();
  return row.locator('data').innerText();
}

/** Brings files that are no records; returns the message on each. */
export async function wrong_records(page, { files }) {
  await showAll(page);
  const figure = page.locator('.lab-fig').first();
  const before = await figure.locator('li').count();
  const messages = [];
  for (const { name, text, times = 1 } of files) {
    await drop(figure, name, text, times);
    await page.waitForFunction(([element, name]) => element.textContent.startsWith(name), [await figure.locator('.lab-message').elementHandle(), name]);
    messages.push(await message(figure));
    assert.equal(await figure.locator('li').count(), before);
  }
  assert.equal(await page.evaluate(() => window.harm), undefined, 'a text of a file was run');
  return messages;
}

/** A figure is veiled until each question on it is answered; guesses are drawn and remembered. */
export async function predictions(page, { times }) {
  const question = page.locator('.lab-predict[data-fig]', { has: page.locator('input[type=number]') }).first();
  const fig = await question.getAttribute('data-fig');
  const figure = page.locator(`.lab-fig[data-fig="${fig}"]`);
  const plot = figure.locator('.lab-plot');
  assert.ok(!(await plot.isVisible()), 'the curve is seen before a guess');
  await question.getByRole('button').click();
  assert.ok(!(await question.locator('details').getAttribute('open')), 'the answer is given before a guess');

  const truth = JSON.parse(await question.locator('.lab-json').textContent());
  const guess = (truth.answer / truth.factor) * times;
  for (const other of await page.locator(`.lab-predict[data-fig="${fig}"]`).all()) {
    const number = other.locator('input[type=number]');
    if (await number.count()) await number.fill(String(guess));
    else await other.locator('input').first().check();
    await other.getByRole('button').click();
    assert.ok(await other.locator('.lab-answer p').isVisible());
  }
  assert.ok(await plot.isVisible(), 'the curve is not seen after the guess');
  const verdict = await question.locator('.lab-verdict').innerText();
  await drawn();
  // What a page stores is handed to another process, which a reload does not wait for.
  await page.waitForTimeout(1000);
  await page.reload();
  assert.ok(await plot.isVisible(), 'the guess is forgotten');
  assert.equal(Number(await question.locator('input').inputValue()), guess);
  await drawn();
  return { verdict, answer: truth.answer };

  async function drawn() {
    assert.equal(await figure.locator('path.lab-guess').count(), 1);
    assert.match(await figure.locator('.lab-live').textContent(), /your guess/);
  }
}

/** Who does not want to guess is shown the curve, and is not asked again. */
export async function shown_on_request(page) {
  const figure = page.locator('.lab-fig', { has: page.locator('.lab-veil') }).first();
  await figure.getByRole('button', { name: 'Show me' }).press('Enter');
  assert.ok(await figure.locator('.lab-plot').isVisible());
  await page.reload();
  assert.ok(await figure.locator('.lab-plot').isVisible());
}

/** Arrow keys turn the page only where nothing else needs them. */
export async function arrow_keys(page) {
  const here = page.url();
  await showAll(page);
  const controls = '.lab-fig input, .lab-fig select, .lab-fig summary, .lab-fig .lab-scroll, .lab-predict input, .lab-predict button';
  for (const control of await page.locator(controls).all()) {
    if (!(await control.isVisible())) continue;
    await control.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowLeft');
    assert.equal(page.url(), here, `${await control.evaluate((element) => element.outerHTML.slice(0, 80))} turns the page`);
  }
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('ArrowRight');
  await page.waitForURL((url) => url.href !== here);
}

/** The sidebar opens and closes by keys. */
export async function sidebar(page) {
  const html = page.locator('html');
  const toggle = page.locator('#mdbook-sidebar-toggle');
  for (const [key, isOpen] of [['Enter', false], ['Space', true]]) {
    await toggle.focus();
    await page.keyboard.press(key);
    assert.equal(await toggle.getAttribute('aria-expanded'), String(isOpen));
    assert.equal((await html.getAttribute('class')).includes('sidebar-visible'), isOpen);
  }
}

/** Curves are switched off and on, by mouse and by keys. */
export async function switches(page) {
  await showAll(page);
  const figure = page.locator('.lab-fig').first();
  const boxes = figure.locator('input[type=checkbox]');
  const all = await boxes.count();
  await boxes.first().uncheck();
  assert.equal(await figure.locator('.lab-live path.lab-c1').count(), 0);
  assert.equal(await figure.locator('.lab-live path.lab-line').count(), 2 * (all - 1));
  assert.equal(await figure.locator('li').first().locator('data').innerText(), '');
  await page.keyboard.press('Space');
  assert.equal(await figure.locator('.lab-live path.lab-c1').count(), 2);
}

/** On paper there are pictures and text, and nothing that waits for a hand. */
export async function print(page) {
  await page.emulateMedia({ media: 'print' });
  for (const figure of await page.locator('.lab-fig').all()) {
    assert.ok(await figure.locator('.lab-plot svg').isVisible(), 'a veiled figure');
    for (const hidden of ['.lab-controls', '.lab-veil', '.lab-scroll']) {
      for (const one of await figure.locator(hidden).all()) assert.ok(!(await one.isVisible()), `${hidden} is printed`);
    }
  }
  assert.ok((await page.pdf()).length > 10_000);
  await page.emulateMedia({ media: null });
}

/** Each handout is one sheet of paper, and nothing else of its page is printed. */
export async function sheets(page) {
  const handouts = await page.locator('.lab-handout').count();
  const pdf = (await page.pdf({ format: 'A4', margin: { top: '12mm', right: '12mm', bottom: '12mm', left: '12mm' } })).toString('latin1');
  assert.ok(handouts > 0, 'no handout');
  assert.equal(pdf.match(/\/Type\s*\/Page\b/g).length, handouts);
}

/** Lifts the veils, and opens what is folded. */
async function showAll(page) {
  await page.evaluate(() => {
    for (const button of document.querySelectorAll('.lab-veil button')) button.click();
    for (const details of document.querySelectorAll('details')) details.open = true;
  });
}

async function pointAt(page, figure, part) {
  const [x, y] = await figure.locator('.lab-plot svg').evaluate((svg, part) => {
    svg.scrollIntoView({ block: 'center' });
    const [left, top, right] = svg.dataset.box.split(' ').map(Number);
    const picture = svg.getBoundingClientRect();
    const scale = picture.width / svg.viewBox.baseVal.width;
    return [picture.left + (left + part * (right - left)) * scale, picture.top + (top + 60) * scale];
  }, part);
  await page.mouse.move(x, y);
}

/** What the figure says of each curve, and at what time. */
async function reading(figure) {
  return figure.evaluate((element) => ({
    time: Number(element.querySelector('input[type=range]').value),
    rows: [...element.querySelectorAll('li')].map((row) => ({
      label: row.querySelector('label span').textContent,
      value: row.querySelector('data').value,
      text: row.querySelector('data').textContent,
      phase: row.querySelector('i').textContent,
    })),
  }));
}

async function metrics(figure) {
  const choice = figure.locator('select');
  if (!(await choice.isVisible())) return [null];
  return choice.locator('option').evaluateAll((options) => options.map((option) => option.value));
}

async function message(figure) {
  return figure.locator('.lab-message').innerText();
}

/** Drops a file onto a figure; its text may be repeated, so that a large one isn't sent. */
async function drop(figure, name, text, times = 1) {
  await figure.evaluate((element, [name, text, times]) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([text.repeat(times)], name));
    element.querySelector('svg').dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  }, [name, text, times]);
}
