// What is tried on a page. A case fails by throwing; what it returns is judged by who asked.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const RULES_OF_COLOURS = ['color-contrast', 'link-in-text-block'];
const RULES_OF_SIZES = ['target-size', 'scrollable-region-focusable'];

/**
 * No rule of WCAG 2.2 AA that a program can check is broken, with all that can be opened open. A theme is colours
 * alone: in another than the first one only the rules on colours are asked, of each look of a text once in all
 * pages, and every box must be where it was. So words that are apart in one theme are apart in all.
 */
export async function axe(page, { theme }) {
  await showAll(page);
  await choose(page, theme);
  const boxes = await page.evaluate(() => [...document.querySelectorAll('main *')].map((part) => {
    const { x, y, width, height } = part.getBoundingClientRect();
    return [part.tagName, part.className, ...[x + scrollX, y + scrollY, width, height].map((size) => size.toFixed(1))].join(' ');
  }));
  if (theme === 'light') {
    page.boxes = boxes;
    await judge(page, { type: 'tag', values: RULES });
  } else {
    if (page.boxes) assert.deepEqual(boxes.filter((box, at) => box !== page.boxes[at]), [], `moved in ${theme}`);
    const found = await looks(page);
    const news = await found.evaluate((found, known) => [...found.keys()].filter((look) => !known.includes(look)), [...judged]);
    if (!news.length) return;
    const parts = await found.evaluateHandle((found, news) => news.map((look) => found.get(look)), news);
    await judge(page, { type: 'rule', values: RULES_OF_COLOURS }, parts);
    for (const look of news) judged.add(look);
  }
}

/** The looks of texts that were judged on this page or one before. */
const judged = new Set();

/** One text of each look: text of the same size and colours on the same ground is judged the same. */
function looks(page) {
  return page.evaluateHandle(() => {
    const seen = new Map();
    const grounds = new Map([[null, ['', 1]]]);
    const ground = (element) => {
      if (!grounds.has(element)) {
        const { backgroundColor, backgroundImage, opacity } = getComputedStyle(element);
        const [below, dim] = ground(element.parentElement);
        // What is below a full colour isn't seen.
        let paint = backgroundColor.startsWith('rgb(') ? backgroundColor : below;
        if (paint === below && backgroundColor !== 'rgba(0, 0, 0, 0)') paint += ` ${backgroundColor}`;
        if (backgroundImage !== 'none') paint += ` ${backgroundImage}`;
        grounds.set(element, [paint, dim * opacity]);
      }
      return grounds.get(element);
    };
    for (const element of document.querySelectorAll('body *')) {
      if (![...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim())) continue;
      if (!element.checkVisibility({ visibilityProperty: true })) continue;
      const { color, fill, fontSize, fontWeight, textDecorationLine } = getComputedStyle(element);
      const around = element.tagName === 'A' ? getComputedStyle(element.parentElement).color : '';
      const look = [color, fill, fontSize, fontWeight, textDecorationLine, around, ...ground(element)].join(' ');
      if (!seen.has(look)) seen.set(look, element);
    }
    return seen;
  });
}

async function choose(page, theme) {
  // A shadow at the edge of what scrolls would keep axe from judging what is on it.
  await page.addStyleTag({ content: '* { transition: none !important } :is(.table-wrapper, .lab-plot) { background: none !important }' });
  await page.evaluate((theme) => document.getElementById(`mdbook-theme-${theme}`).click(), theme);
  assert.ok((await page.locator('html').getAttribute('class')).split(' ').includes(theme));
}

/** Asks axe for the rules, of the whole page or of the parts of it. */
async function judge(page, runOnly, parts = null) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axeSource);
  // Preloading would fetch style sheets, which a page from a disk may not.
  const options = { preload: false, runOnly, resultTypes: ['violations'] };
  const { violations } = await page.evaluate(([parts, options]) => window.axe.run(parts ?? document, options), [parts, options]);
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

/**
 * A figure that is touched is the figure that was there: its curves within a 100th of the axis, its words in their
 * places. Returns how many curves were compared.
 */
export async function unmoved(page) {
  await showAll(page);
  const { compared, moved } = await page.evaluate(() => {
    const moved = [];
    let compared = 0;
    for (const [name, figure] of figures) {
      const { svg } = figure;
      const box = svg.dataset.box.split(' ').map(Number);
      const [, height] = [0, box[3] - box[1]];
      const words = (root) => [...root.querySelectorAll('text')].map((text) =>
        [text.textContent, ...['x', 'y'].map((at) => Math.round(text.getAttribute(at)))]);
      const still = [...svg.children].filter((part) => !part.matches('.lab-live, .lab-cursor'));
      const before = still.flatMap((part) => (part.matches('text') ? words({ querySelectorAll: () => [part] }) : []));
      const old = svg.getAttribute('viewBox');
      const lines = new Map(still.filter((part) => part.matches('.lab-curve')).map((part) => [part.dataset.run, points(part.getAttribute('d'))]));
      figure.redraw();
      if (svg.getAttribute('viewBox') !== old) moved.push(`${name}: the picture was ${old} and is ${svg.getAttribute('viewBox')}`);
      const after = words(figure.live);
      for (const [one, other] of [[before, after, 'gone'], [after, before, 'new']]) {
        for (const [text, x, y] of one) {
          const near = other.some((word) => word[0] === text && Math.hypot(word[1] - x, word[2] - y) <= 3);
          if (!near) moved.push(`${name}: "${text}" at ${x} ${y} is ${one === before ? 'gone' : 'new'}`);
        }
      }
      for (const path of figure.live.querySelectorAll('.lab-curve')) {
        const [one, other] = [lines.get(path.dataset.run), points(path.getAttribute('d'))];
        compared += 1;
        const colours = [still.find((part) => part.dataset.run === path.dataset.run), path].map((part) => getComputedStyle(part).stroke);
        if (colours[0] !== colours[1]) moved.push(`${name}: run ${path.dataset.run} was ${colours.join(' and is ')}`);
        for (let x = box[0]; x <= box[2]; x += 1) {
          const [was, is] = [reach(one, x), reach(other, x)];
          // A step may fall into the column before or after: what is there must be near what was about there.
          const far = is && (is[0] < was[0] - height / 100 - 1 || is[1] > was[1] + height / 100 + 1);
          if (far) {
            moved.push(`${name}: run ${path.dataset.run} at ${x} was ${was} and is ${is}`);
            break;
          }
        }
      }
    }
    return { compared, moved };

    /** The corners of a path; small letters count from the corner before. */
    function points(way) {
      const corners = [];
      for (const [, letter, numbers] of way.matchAll(/([a-z])([^a-z]*)/gi)) {
        const [x, y] = corners.at(-1) ?? [0, 0];
        const [one, other] = numbers.trim().split(/[ ,]+/).map(Number);
        corners.push({ M: [one, other], L: [one, other], H: [one, y], V: [x, one], h: [x + one, y], v: [x, y + one], l: [x + one, y + other] }[letter]);
      }
      return corners;
    }

    /** The lowest and highest place of a line within two columns of this one. */
    function reach(line, x) {
      let seen;
      for (let at = 1; at < line.length; at += 1) {
        const [[x0, y0], [x1, y1]] = [line[at - 1], line[at]];
        if (Math.max(x0, x1) < x - 2 || Math.min(x0, x1) > x + 2) continue;
        seen = [Math.min(seen?.[0] ?? Infinity, y0, y1), Math.max(seen?.[1] ?? -Infinity, y0, y1)];
      }
      return seen ?? [-Infinity, Infinity];
    }
  });
  assert.deepEqual(moved, []);
  return compared;
}

/** No words of a figure are on other words or cut off, and none are too small on a phone, in the width given. */
export async function apart(page, { width }) {
  const size = page.viewportSize();
  await page.setViewportSize({ ...size, width });
  // On a phone the list of chapters is closed from the start.
  if (width < 600) await page.reload();
  await showAll(page);
  await page.waitForTimeout(100);
  const wrong = await page.evaluate((width) => {
    const wrong = [];
    for (const svg of document.querySelectorAll('.lab-fig svg, .lab-points svg')) {
      const name = svg.closest('figure, section').id;
      const picture = svg.getBoundingClientRect();
      const texts = [...svg.querySelectorAll('text')].map((text) => [text, text.getBoundingClientRect()]);
      const seen = texts.filter(([, box]) => box.width);
      seen.forEach(([text, box], index) => {
        const out = box.left < picture.left - 1 || box.right > picture.right + 1 || box.top < picture.top - 1 || box.bottom > picture.bottom + 1;
        if (out) wrong.push(`${name}: "${text.textContent}" is cut off`);
        const height = parseFloat(getComputedStyle(text).fontSize) * (picture.width / svg.viewBox.baseVal.width);
        if (width < 600 && height < 10.95) wrong.push(`${name}: "${text.textContent}" is ${height} px high`);
        for (const [other, its] of seen.slice(index + 1)) {
          const [across, up] = [Math.min(box.right, its.right) - Math.max(box.left, its.left), Math.min(box.bottom, its.bottom) - Math.max(box.top, its.top)];
          // A line of text has air above and below it.
          if (across > 1 && up > 0.3 * Math.min(box.height, its.height)) wrong.push(`${name}: "${text.textContent}" is on "${other.textContent}"`);
        }
      });
    }
    return wrong;
  }, width);
  await page.setViewportSize(size);
  assert.deepEqual(wrong, []);
}

/**
 * Nothing is wider than a small window, can't be hit by a finger there, or scrolls only by a finger, and names of
 * options stay in one line.
 */
export async function fits(page, { width = 360 } = {}) {
  await showAll(page);
  const size = page.viewportSize();
  await page.setViewportSize({ ...size, width });
  // The list of chapters would cover what is judged.
  await page.evaluate(() => document.querySelector('.sidebar-visible #mdbook-sidebar-toggle')?.click());
  await page.waitForTimeout(100);
  const [wide, is] = await page.evaluate(() => [document.scrollingElement.scrollWidth, innerWidth]);
  assert.ok(wide <= is, `the page is ${wide} wide, and the window ${is}`);
  const broken = await page.locator('td:first-child > code').evaluateAll((names) =>
    names.filter((name) => name.checkVisibility() && name.getClientRects().length > 1).map((name) => name.textContent));
  assert.deepEqual(broken, [], 'names in two lines');
  if (width === 390) await judge(page, { type: 'rule', values: RULES_OF_SIZES });
  await page.setViewportSize(size);
}

/** A table or picture that is wider than the window casts a shadow on the side where it goes on, and nowhere else. */
export async function hints(page, { width }) {
  await narrow(page, width);
  const tables = page.locator('.table-wrapper, .lab-plot');
  const wide = await tables.evaluateAll((tables) => tables.flatMap((table, at) => (table.scrollWidth > table.clientWidth + 8 ? [at] : [])));
  for (const at of wide) {
    const table = tables.nth(at);
    await table.evaluate((table) => table.scrollIntoView({ block: 'center' }));
    for (const [end, shadows] of [[0, [false, true]], [1e6, [true, false]]]) {
      await table.evaluate((table, end) => (table.scrollLeft = end), end);
      const { x, y, width, height } = await visible(table);
      const sides = [x, x + width - 8].map((x) => ({ x, y, width: 8, height }));
      for (const [side, clip] of sides.entries()) {
        const shown = await page.screenshot({ clip });
        await table.evaluate((table) => (table.style.background = 'none'));
        const { changed } = await difference(page, shown, await page.screenshot({ clip }), 1.5);
        await table.evaluate((table) => (table.style.background = ''));
        // The head of a table is above the shadow, and so is what is written.
        assert.ok(shadows[side] ? changed >= height : changed === 0, `table ${at}, scrolled to ${end}: ${changed} pixels of shadow on side ${side}, ${height} high`);
      }
    }
  }
  return wide.length;
}

/** Tab comes to each control in the order of the page, forth and back; none is covered, and the focus is seen. */
export async function focus(page, { width, theme }) {
  await narrow(page, width);
  await choose(page, theme);
  await page.evaluate(() => {
    for (const button of [...document.querySelectorAll('.lab-veil button')].slice(1)) button.click();
    for (const details of document.querySelectorAll('details')) details.open = true;
    scrollTo(0, 0);
  });
  await page.waitForTimeout(200);
  const names = await page.evaluate(() => {
    const all = [...document.querySelectorAll('main :is(a[href], button, input, select, summary, [tabindex="0"])')];
    const isThere = (one) => !one.disabled && one.checkVisibility({ visibilityProperty: true }) && getComputedStyle(one).display !== 'none';
    // Of the choices of a group, Tab comes to the one that is chosen.
    const group = (one) => all.filter((other) => other.name === one.name && other.form === one.form);
    const isChoice = (one) => one.type !== 'radio' || one === (group(one).find((other) => other.checked) ?? group(one)[0]);
    window.controls = all.filter((one) => isThere(one) && isChoice(one));
    return window.controls.map((one) => `${one.tagName} ${one.type ?? ''} ${one.className.baseVal ?? one.className} in ${one.closest('main [class^="lab-"], main pre')?.className ?? ''}`);
  });
  await page.keyboard.press('Tab');
  assert.ok(await page.locator('.lab-skip').evaluate((skip) => skip === document.activeElement), 'the first Tab comes to the link to the text');
  await page.keyboard.press('Enter');
  const seen = new Set();
  const wrong = [];
  const forth = names.map((_, at) => at);
  for (const [key, order] of [['Tab', forth], ['Shift+Tab', forth.slice(0, -1).reverse()]]) {
    for (const at of order) {
      await page.keyboard.press(key);
      const now = await page.evaluate(() => {
        const { activeElement: here } = document;
        const boxes = [...here.getClientRects()].filter((box) => box.width && box.height);
        const clear = boxes.some((box) => {
          const [x, y] = [(Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2, (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2];
          const top = document.elementFromPoint(x, y);
          return top && (here.contains(top) || top.contains(here) && top.tagName !== 'HTML' && top.tagName !== 'BODY' || top.closest('label')?.control === here);
        });
        return { at: window.controls.indexOf(here), is: here.outerHTML.slice(0, 120), clear };
      });
      if (now.at !== at) wrong.push(`${key} comes to ${now.is}, and not to ${names[at]}`);
      else if (!now.clear) wrong.push(`${key}: ${now.is} is covered`);
      if (wrong.length > 4) assert.deepEqual(wrong, []);
      if (key !== 'Tab' || now.at !== at || seen.has(names[at])) continue;
      seen.add(names[at]);
      const lit = await ring(page);
      if (lit.changed < lit.least) wrong.push(`the focus on ${now.is} is ${lit.changed} pixels and not ${lit.least}`);
    }
  }
  assert.deepEqual(wrong, []);
  return { controls: names.length, kinds: seen.size };
}

/** How many pixels change, and how many must, when what has the focus loses it. */
async function ring(page) {
  const here = await page.evaluateHandle(() => document.activeElement);
  const { x, y, width, height } = await visible(here, 6);
  const clip = { x, y, width, height };
  const lit = await page.screenshot({ clip });
  await here.evaluate((element) => element.blur());
  const { changed } = await difference(page, lit, await page.screenshot({ clip }), 3);
  await here.evaluate((element) => element.focus({ focusVisible: true, preventScroll: true }));
  const box = await here.evaluate((element) => element.getClientRects()[0].toJSON());
  // A line of one pixel around it is the least; where it's larger than the window, its ends aren't seen.
  return { changed, least: Math.min(box.width, width) };
}

/** The part of an element that is in the window, with a margin. */
function visible(element, margin = 0) {
  return element.evaluate((element, margin) => {
    const box = element.getBoundingClientRect();
    const [x, y] = [Math.max(box.left - margin, 0), Math.max(box.top - margin, 0)];
    return { x, y, width: Math.min(box.right + margin, innerWidth) - x, height: Math.min(box.bottom + margin, innerHeight) - y };
  }, margin);
}

/** How many pixels of two pictures differ by so much contrast, as WCAG counts it. */
function difference(page, one, other, contrast) {
  return page.evaluate(async ([pictures, contrast]) => {
    const [one, other] = await Promise.all(pictures.map(async (picture) => {
      const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
      context.drawImage(bitmap, 0, 0);
      return context.getImageData(0, 0, bitmap.width, bitmap.height).data;
    }));
    const linear = (byte) => (byte <= 10 ? byte / 3294 : ((byte / 255 + 0.055) / 1.055) ** 2.4);
    const light = (data, at) => 0.2126 * linear(data[at]) + 0.7152 * linear(data[at + 1]) + 0.0722 * linear(data[at + 2]) + 0.05;
    let changed = 0;
    for (let at = 0; at < one.length; at += 4) {
      const [a, b] = [light(one, at), light(other, at)];
      if (Math.max(a, b) / Math.min(a, b) >= contrast) changed += 1;
    }
    return { changed, all: one.length / 4 };
  }, [[one, other].map((picture) => picture.toString('base64')), contrast]);
}

/** Makes the window as narrow, with the page as it opens there. */
async function narrow(page, width) {
  await page.setViewportSize({ ...page.viewportSize(), width });
  await page.reload();
}

/** Pictures, values and answers are there without any script. */
export async function without_scripts(page) {
  for (const diagram of await page.locator('.lab-steps').all()) {
    for (const [place, choice] of (await diagram.locator('input').all()).entries()) {
      await choice.check();
      assert.ok(await diagram.locator('svg').nth(place).isVisible());
    }
  }
  for (const figure of await page.locator('.lab-fig').all()) {
    assert.ok(await figure.locator('.lab-plot svg').isVisible());
    await figure.locator('summary').click();
    assert.ok(await figure.locator('table').isVisible());
    assert.equal(await figure.locator('input').count(), 0);
  }
  for (const mystery of await page.locator('.lab-mystery').all()) {
    assert.ok(await mystery.locator('.lab-wide svg').isVisible());
    await mystery.locator('summary').click();
    assert.ok(await mystery.locator('.lab-answer strong').isVisible());
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
    const { scenario, metric, own_time, runs } = JSON.parse(await figure.locator('.lab-json').textContent());
    const of = runs.map((run) => ({ variant: run.variant, started: run.started, metric: run.metric ?? null, own: run.own }));
    seen.push({ scenario, metric, own_time, runs: of, readings });
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
  assert.equal(await figure.locator(`.lab-live path.lab-curve[data-run="${before}"]`).count(), 1, 'a curve');
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
  return row.locator('data').textContent();
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
  const told = page.locator(`.lab-fig[data-fig="${fig}"] + .lab-told`);
  assert.ok(!(await plot.isVisible()), 'the curve is seen before a guess');
  assert.ok(!(await told.isVisible()), 'what the curve shows is told before a guess');
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
  assert.ok(await told.isVisible(), 'what the curve shows is not told after the guess');
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

/** The button copies what is typed: no prompt, and nothing that was answered. */
export async function copies(page) {
  const blocks = await page.locator('pre:has(.lab-command)').evaluateAll((blocks) => blocks.map((block) => playground_text(block, false)));
  assert.ok(blocks.length > 3);
  for (const text of blocks) assert.ok(!/^[$#>] /m.test(text), text);
  const plain = page.locator('pre:has(code.language-python, code.language-diff)').first();
  assert.match(await plain.evaluate((block) => playground_text(block, false)), /\w/);
}

/** A term shows what it means when it has the focus, and at the first touch; the second one follows it. */
export async function terms(page) {
  const term = page.locator('.lab-term').first();
  const shown = () => term.evaluate((element) => getComputedStyle(element, '::after').content !== 'none');
  await term.scrollIntoViewIfNeeded();
  assert.ok(!(await shown()));
  await term.focus();
  assert.ok(await shown(), 'the focus shows nothing');
  await page.keyboard.press('Escape');
  assert.ok(!(await shown()), 'it stays when it is dismissed');
  const touch = () => term.evaluate((element) => {
    const tap = new PointerEvent('click', { bubbles: true, cancelable: true, pointerType: 'touch' });
    // Whoever is asked last keeps the page, so that it can be asked.
    window.addEventListener('click', (event) => { window.follows = !event.defaultPrevented; event.preventDefault(); }, { once: true });
    element.dispatchEvent(tap);
    return window.follows;
  });
  assert.deepEqual([await touch(), await touch()], [false, true]);
}

/** Each step of a diagram is chosen by keys; its texts can be read on a phone, and none runs into another. */
export async function diagrams(page) {
  const here = page.url();
  const size = page.viewportSize();
  for (const width of [390, size.width]) {
    await page.setViewportSize({ ...size, width });
    for (const diagram of await page.locator('.lab-steps').all()) {
      const steps = await diagram.locator('svg').count();
      const choices = diagram.locator('input');
      if (steps > 1) {
        await choices.first().check();
        await choices.first().focus();
      }
      for (let step = 1; step <= steps; step++) {
        const { shown, small, lost, crossed } = await diagram.evaluate(seenOf);
        const place = `${await diagram.getAttribute('id')}, step ${step}, at ${width}`;
        assert.deepEqual(shown, [step], place);
        assert.deepEqual([small, lost, crossed], [[], [], []], `${place}: texts that are small, outside, or over others`);
        if (steps > 1) await page.keyboard.press('ArrowDown');
      }
      assert.ok(steps === 1 || (await choices.first().isChecked()), 'after the last step comes the first');
    }
  }
  assert.equal(page.url(), here, 'an arrow key turns the page');

  function seenOf(element) {
    const frames = [...element.querySelectorAll('svg')].filter((svg) => getComputedStyle(svg).visibility === 'visible');
    const texts = frames.flatMap((svg) => {
      const picture = svg.getBoundingClientRect();
      const size = (parseFloat(getComputedStyle(svg.querySelector('text')).fontSize) * picture.width) / svg.viewBox.baseVal.width;
      return [...svg.querySelectorAll('text')].map((text) => ({ says: text.textContent, size, picture, box: text.getBoundingClientRect() }));
    });
    const within = (one, other) => one.left >= other.left && one.right <= other.right && one.top >= other.top && one.bottom <= other.bottom;
    const over = (one, other) => one.left < other.right - 1 && other.left < one.right - 1 && one.top < other.bottom - 1 && other.top < one.bottom - 1;
    return {
      shown: frames.map((svg) => Number(svg.dataset.step)),
      small: texts.filter(({ size }) => size < 11).map(({ says, size }) => `${says}: ${size}`),
      lost: texts.filter(({ box, picture }) => !within(box, picture)).map(({ says }) => says),
      crossed: texts.flatMap((one, place) => texts.slice(place + 1).filter((other) => over(one.box, other.box)).map((other) => `${one.says} / ${other.says}`)),
    };
  }
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

/** Brings files to the page for one's own record, by hand and by a drop; returns what it says of each. */
export async function own_page(page, { files }) {
  const own = page.locator('.lab-drop');
  const seen = [];
  for (const [place, { name, text }] of files.entries()) {
    if (place % 2) {
      await own.evaluate((element, [name, text]) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([text], name));
        element.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
      }, [name, text]);
    } else {
      await own.locator('input[type=file]').first().setInputFiles({ name, mimeType: '', buffer: Buffer.from(text) });
    }
    await page.waitForFunction((name) => document.querySelector('.lab-drop > .lab-message').textContent.startsWith(name), name);
    const [report, moment] = [own.locator('.lab-report'), own.getByRole('button', { name: /^at / }).first()];
    if (await moment.isVisible()) await moment.press('Enter');
    const count = (parts) => report.locator(parts).count();
    seen.push({
      message: await own.locator('> .lab-message').innerText(),
      text: await report.evaluate((element) => element.textContent),
      links: await report.locator('a').evaluateAll((links) => links.map((link) => link.getAttribute('href'))),
      curves: await count('.lab-live path.lab-curve'),
      areas: await count('.lab-area'),
      ticks: await count('.lab-stack .lab-middle'),
      processes: await count('tbody .lab-life'),
      moment: (await report.locator('.lab-when').allTextContents())[0] ?? null,
    });
    if (place) continue;
    // The list of chapters takes a moment to hide, and isn't to be judged meanwhile.
    await axe(page, { theme: 'light' });
    await fits(page);
  }
  assert.equal(await page.evaluate(() => window.harm), undefined, 'a text of the record was run');
  assert.equal(await own.locator('img').count(), 0);
  return seen;
}

/** Solves one mystery and fails at another by keys alone; returns what was said, also after a reload. */
export async function mystery(page, { right, wrong }) {
  const open = page.locator('.lab-mystery:not([hidden])');
  const solve = async (number, name) => {
    await tabTo(page, `.lab-numbers button[value="${number}"]`);
    await page.keyboard.press('Enter');
    await open.locator('.lab-ask').first().waitFor();
    assert.equal(await open.getAttribute('data-number'), number);
    assert.ok(!(await open.locator('.lab-answer').isVisible()), 'the answer is seen before it was asked for');
    await tabTo(page, '.lab-mystery:not([hidden]) .lab-ask summary');
    await page.keyboard.press('Enter');
    await open.locator('.lab-ask li').first().waitFor();
    await tabTo(page, '.lab-mystery:not([hidden]) select');
    await page.keyboard.type(name);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowLeft');
    assert.equal(await open.locator('select').inputValue(), name);
    await tabTo(page, '.lab-mystery:not([hidden]) .lab-name button');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement.matches('.lab-verdict'));
    await open.locator('.lab-answer p').first().waitFor();
    return open.locator('.lab-verdict').innerText();
  };
  const seen = { right: await solve('1', right), wrong: await solve('2', wrong) };
  // What a page stores is handed to another process, which a reload does not wait for.
  await page.waitForTimeout(1000);
  await page.reload();
  await open.locator('.lab-verdict', { hasText: 'Not so' }).waitFor();
  seen.counts = await open.locator('.lab-when').innerText();
  const labels = (buttons) => buttons.slice(0, 2).map((button) => button.ariaLabel);
  return { ...seen, kept: await page.locator('.lab-numbers button').evaluateAll(labels) };
}

/** Presses Tab until the focus is where it should be. */
async function tabTo(page, selector) {
  for (let pressed = 0; pressed < 400; pressed++) {
    if (await page.evaluate((selector) => document.activeElement.matches(selector), selector)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`Tab never comes to ${selector}`);
}

/** Curves are switched off and on, by mouse and by keys. */
export async function switches(page) {
  await showAll(page);
  const figure = page.locator('.lab-fig').first();
  const boxes = figure.locator('input[type=checkbox]');
  const all = await boxes.count();
  await boxes.first().uncheck();
  const curves = figure.locator('.lab-live path.lab-curve');
  assert.equal(await curves.and(figure.locator('[data-run="0"]')).count(), 0);
  assert.equal(await curves.count(), all - 1);
  assert.equal(await figure.locator('li').first().locator('data').textContent(), '');
  await page.keyboard.press('Space');
  assert.equal(await curves.count(), all);
}

/** On paper there are pictures and text, and nothing that waits for a hand. */
export async function print(page) {
  await page.emulateMedia({ media: 'print' });
  for (const frame of await page.locator('.lab-steps svg').all()) assert.ok(await frame.isVisible(), 'a step is not printed');
  for (const answer of await page.locator('.lab-predict .lab-answer > :not(summary)').all()) {
    assert.ok(await answer.evaluate((part) => part.checkVisibility({ contentVisibilityAuto: true }) && part.getBoundingClientRect().height > 0), 'an answer is not printed');
  }
  for (const figure of await page.locator('.lab-fig').all()) {
    assert.ok(await figure.locator('.lab-plot svg').isVisible(), 'a veiled figure');
    for (const hidden of ['.lab-controls', '.lab-veil', '.lab-scroll']) {
      for (const one of await figure.locator(hidden).all()) assert.ok(!(await one.isVisible()), `${hidden} is printed`);
    }
  }
  assert.ok((await page.pdf()).length > 10_000);
  await page.emulateMedia({ media: null });
}

/** Each handout, and the cheat sheet, is one sheet of paper, and nothing else of its page is printed. */
export async function sheets(page) {
  const handouts = await page.locator('.lab-handout, .lab-sheet').count();
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
