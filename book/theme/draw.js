// Draws a figure: grid, levels, curves with their letters, and a lane with the phases of each run.

/** How many times as high as all curves a level may be, and a guess, before it is only named. */
const FAR = { level: 2, guess: 8 };

function make(name, properties, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

function shape(name, attributes, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** Draws a figure as it is now, in the place of the picture that came with the page. */
function draw(figure) {
  const { runs, unit, width, box: [left, , right, bottom] } = figure;
  const [across, up] = [(time) => figure.x(time), (value) => figure.y(value)];
  const group = shape('g', { class: 'lab-live' });
  const add = (...parts) => group.append(shape(...parts));
  const path = (d, kind) => add('path', { d, class: kind });
  const text = (x, y, what, side, kind) => add('text', { x, y: y + 4, 'text-anchor': side, class: kind }, what);
  const badge = (x, y, sign, kind) => {
    add('circle', { cx: x, cy: y, r: 7, class: `lab-disc ${kind}` });
    text(x, y, sign, 'middle', 'lab-sign');
  };

  const highest = Math.max(...runs.map((run) => run.peak));
  const isNear = ({ kind, value }) => !highest || value <= highest * FAR[kind];
  const levels = figure.levels.filter(({ metric }) => runs.some((run) => run.shows === metric));
  const values = valueAxis(unit, Math.max(highest, ...levels.filter(isNear).map(({ value }) => value)));
  figure.top = values.top;

  text(12, 20, figure.label, 'start', 'lab-head');
  for (const [value, name] of values.ticks) {
    path(`M${left} ${up(value)}H${right}`, 'lab-grid');
    text(left - 6, up(value), name, 'end');
  }
  for (const [time, name] of timeAxis(figure.span).ticks) {
    path(`M${across(time)} ${bottom}v5`, 'lab-grid');
    text(across(time), bottom + 14, name, 'middle');
  }
  let y = 0;
  for (const level of levels.sort((one, other) => other.value - one.value)) {
    const at = up(level.value);
    if (isNear(level)) path(`M${left} ${at}H${right}`, `lab-${level.kind}`);
    y = Math.max(at, y);
    text(right + 22, y, fit(level.label, 17), 'start', 'lab-ink');
    text(right + 22, y + 13, `${isNear(level) ? '' : '↑ '}${amount(unit, level.value)}`, 'start');
    y += 30;
  }

  const phases = [...new Set(runs.flatMap((run) => run.marks.map(([, name]) => name)))].slice(0, 9);
  const ends = [];
  y = bottom + 31;
  text(width - 62, y, 'highest', 'end');
  text(width - 8, y, 'ends', 'end');
  for (const run of runs) {
    y += 19;
    const last = across(run.last);
    badge(12, y, run.letter, run.ink);
    text(24, y, fit(run.label, (left - 32) / 7), 'start', 'lab-ink');
    text(width - 62, y, run.t.length ? amount(unit, run.peak) : 'none', 'end', 'lab-ink');
    text(width - 8, y, seconds(run.last, figure.span), 'end', 'lab-ink');
    if (!run.on) continue;
    path(`M${left} ${y}H${last}m0-6v12`, `lab-line ${run.ink}`);
    let taken = 0;
    for (const [time, name] of run.marks) {
      const x = across(time);
      if (x >= taken + 14 && phases.includes(name)) badge(x, y, phases.indexOf(name) + 1, 'lab-quiet');
      else if (x > taken) path(`M${x} ${y - 4}v8`, 'lab-tick');
      taken = x;
    }
    if (!run.t.length) continue;
    // A metric is a step function: it keeps its value until the next sample, or the end of the run.
    const steps = run.t.map((time, index) => `H${across(time)}V${up(run.v[index])}`);
    path(`M${steps.join('').slice(1).replace('V', ' ')}H${last}`, `lab-line ${run.ink}`);
    const end = [last + 14, Math.min(up(run.v.at(-1)), bottom - 8)];
    while (ends.some(([x, y]) => Math.hypot(x - end[0], y - end[1]) < 16)) end[1] -= 4;
    ends.push([...end, run.letter, run.ink]);
  }
  for (const end of ends) badge(...end);

  let x = 12;
  y += 25;
  phases.forEach((name, index) => {
    const room = fit(name, 40).length * 7 + 32;
    if (x > 12 && x + room > width) [x, y] = [12, y + 18];
    badge(x, y, index + 1, 'lab-quiet');
    text(x + 11, y, fit(name, 40), 'start', 'lab-ink');
    x += room;
  });
  figure.svg.querySelector('.lab-live')?.remove();
  figure.svg.append(group);
  figure.svg.classList.add('lab-redrawn');
  figure.svg.setAttribute('viewBox', `0 0 ${width} ${y + 24}`);
}

const fit = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
