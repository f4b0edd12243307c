// Draws a figure: grid, levels, curves, and a lane with the phases of each run.

/** A line that is so many times as high as all curves is only named. */
const FAR = { level: 2, guess: 8 };

const fit = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

function shape(name, attributes, ...children) {
	const element = document.createElementNS('http://www.w3.org/2000/svg', name);
	for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
	element.append(...children);
	return element;
}

function draw(figure) {
	const { runs, unit, width, svg, live, x: across, y: up, box: [left, , right, bottom] } = figure;
	const path = (kind, d) => live.append(shape('path', { class: kind, d }));
	const text = (kind, x, y, what) => live.append(shape('text', { class: kind, x, y }, what));
	const badge = (ink, cx, cy, sign) => {
		live.append(shape('circle', { class: `lab-disc ${ink}`, cx, cy }));
		text('lab-sign', cx, cy, sign);
	};

	const highest = Math.max(...runs.map((run) => run.peak));
	const isNear = ({ kind, value }) => !highest || value <= highest * FAR[kind];
	const levels = figure.levels.filter(({ metric }) => runs.some((run) => run.shows === metric));
	const values = valueAxis(unit, Math.max(highest, ...levels.filter(isNear).map(({ value }) => value)));
	figure.top = values.top;

	live.replaceChildren();
	text('lab-head', 12, 20, figure.label);
	for (const [value, name] of values.ticks) {
		path('lab-grid', `M${left} ${up(value)}H${right}`);
		text('lab-end', left - 6, up(value), name);
	}
	for (const [time, name] of timeAxis(figure.span).ticks) {
		path('lab-grid', `M${across(time)} ${bottom}v5`);
		text('lab-middle', across(time), bottom + 14, name);
	}
	let y = 0;
	for (const level of levels.sort((one, other) => other.value - one.value)) {
		const at = up(level.value);
		if (isNear(level)) path(`lab-${level.kind}`, `M${left} ${at}H${right}`);
		y = Math.max(at, y);
		text('lab-ink', right + 22, y, fit(level.label, 17));
		text('', right + 22, y + 13, `${isNear(level) ? '' : '↑ '}${amount(unit, level.value)}`);
		y += 30;
	}

	const phases = [...new Set(runs.flatMap((run) => run.marks.map(([, name]) => name)))].slice(0, 9);
	const ends = [];
	y = bottom + 31;
	text('lab-end', width - 8, y, 'highest, ends');
	for (const run of runs) {
		const last = across(run.last);
		y += 19;
		badge(run.ink, 12, y, run.letter);
		text('lab-ink', 24, y, fit(run.label, (left - 32) / 7));
		const peak = run.t.length ? amount(unit, run.peak) : 'none';
		text('lab-ink lab-end', width - 8, y, `${peak}, ${seconds(run.last, figure.span)}`);
		if (!run.on) continue;
		path(`lab-line ${run.ink}`, `M${left} ${y}H${last}m0-6v12`);
		let taken = 0;
		for (const [time, name] of run.marks) {
			const x = across(time);
			const number = phases.indexOf(name) + 1;
			if (number && x >= taken + 14) badge('lab-quiet', x, y, number);
			else if (x > taken) path('lab-tick', `M${x} ${y - 4}v8`);
			taken = x;
		}
		if (!run.t.length) continue;
		// A value holds until the next sample, or the end of the run.
		const steps = run.t.map((time, index) => `H${across(time)}V${up(run.v[index])}`);
		path(`lab-line ${run.ink}`, `M${steps.join('').slice(1).replace('V', ' ')}H${last}`);
		const end = [last + 14, Math.min(up(run.v.at(-1)), bottom - 8)];
		while (ends.some(([x, y]) => Math.hypot(x - end[0], y - end[1]) < 16)) end[1] -= 4;
		ends.push([...end, run.letter, run.ink]);
	}
	for (const [x, y, letter, ink] of ends) badge(ink, x, y, letter);
	y += 10;
	phases.forEach((name, index) => {
		const x = 12 + ((index % 3) * width) / 3;
		if (x === 12) y += 18;
		badge('lab-quiet', x, y, index + 1);
		text('lab-ink', x + 12, y, fit(name, 32));
	});
	svg.classList.add('lab-redrawn');
	svg.setAttribute('viewBox', `0 0 ${width} ${y + 24}`);
}
