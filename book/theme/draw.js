// Draws a figure as harness/src/chart/svg draws it, in the width that there is.

/** The width of a picture, the one below which it's drawn for what there is, and the least. */
const WIDTH = 760;
const NARROW = 600;
const NARROWEST = 300;

/** The assumed width of a character: the reader's font is not known. */
const CHARACTER = 7;

/** A line that is so many times as high as all curves is only named. */
const FAR = { level: 2, guess: 8 };

/** No place for words is dearer, in 16ths of a unit of the picture. */
const ANY = 16e6;

/** So many phases are numbered. */
const PHASES = 9;

const fit = (text, most) => (text.length > most ? `${text.slice(0, Math.max(most, 1) - 1)}…` : text);

const widthOf = (text) => text.length * CHARACTER;

/** The text in lines of so many characters. */
function wrap(text, most) {
	const lines = [''];
	for (const word of text.split(' ')) {
		const line = `${lines.at(-1)} ${word}`.trim();
		if (line.length <= most) lines[lines.length - 1] = line;
		else lines.push(word);
	}
	return lines.slice(0, 3);
}

function shape(name, attributes, ...children) {
	const element = document.createElementNS('http://www.w3.org/2000/svg', name);
	for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
	element.append(...children);
	return element;
}

function draw(figure) {
	const { runs, unit, svg, live, span } = figure;
	const isNarrow = figure.room < NARROW;
	const width = isNarrow ? figure.room : WIDTH;
	const path = (kind, d, more) => live.append(shape('path', { class: kind, d, ...more }));
	const text = (kind, x, y, what) => live.append(shape('text', { class: kind, x, y }, what));
	const disc = (ink, cx, cy, r) => live.append(shape('circle', { class: `lab-disc ${ink}`, cx, cy, r }));
	const badge = (ink, x, y, sign, r = 7) => {
		disc(ink, x, y, r);
		text('lab-sign lab-paper', x, y, sign);
	};
	live.replaceChildren();

	// Without the curves that are off, the others have the room.
	const highest = Math.max(0, ...runs.filter((run) => run.on).map((run) => run.peak));
	const isNear = ({ kind, value }) => !highest || value <= highest * FAR[kind];
	const levels = figure.levels.filter(({ metric }) => runs.some((run) => run.shows === metric));
	levels.sort((one, other) => other.value - one.value);
	const values = valueAxis(unit, Math.max(highest, ...levels.filter(isNear).map(({ value }) => value)));
	const times = figure.own_time ? axis(span, span / 5, span / 100, '%') : timeAxis(span, isNarrow ? 5 : 8);
	figure.top = values.top;

	const head = wrap(figure.title, isNarrow ? (width - 24) / 9 : 88);
	const names = Math.max(...runs.map((run) => Math.min(run.label.length, 36)));
	const ticks = Math.max(...values.ticks.map(([, name]) => name.length));
	const left = isNarrow ? widthOf({ length: ticks }) + 16 : Math.max(76, names * CHARACTER + 40);
	const right = width - (isNarrow ? 20 : 138);
	const top = 62 + (head.length - 1) * 19;
	const bottom = top + 230;
	figure.box = [left, top, right, bottom];
	figure.width = width;
	const { x: across, y: up } = figure;

	head.forEach((line, index) => text('lab-head', 12, 20 + 19 * index, line));
	text('', 12, top - 20, figure.axis);
	for (const [value, name] of values.ticks) {
		path('lab-grid', `M${left} ${up(value)}H${right}`);
		text('lab-end', left - 6, up(value), name);
	}
	for (const [time, name] of times.ticks) {
		path('lab-grid', `M${across(time)} ${bottom}v5`);
		text('lab-middle', across(time), bottom + 14, name);
	}
	text('', left, bottom + 33, figure.own_time ?? 'time since the start');
	text('lab-end', width - 62, bottom + 33, 'peak');
	text('lab-end', width - 8, bottom + 33, 'ends');

	const traces = runs.filter((run) => run.on && run.t.length).map((run) => trace(run, figure));
	const room = new Room(traces, [left + 2, top - 8, width - 4, bottom - 1]);
	for (const level of levels) {
		const y = up(level.value);
		if (isNear(level)) path(`lab-${level.kind}`, `M${left} ${y}H${right}`);
		// On a phone a long name may be wider than the plot.
		for (const most of [30, 14]) {
			const name = `${isNear(level) ? '' : '↑ '}${fit(level.label, most)}, ${amount(unit, level.value)}`;
			const place = room.level(isNear(level) ? y : top, widthOf(name), left, right);
			if (place) text('', ...place, name);
			if (place) break;
		}
	}

	// The shortest come last, over the others: they would be lost under a curve that goes on.
	const order = [...traces].sort((one, other) => other.end - one.end);
	for (const { run, points } of order) {
		const line = points.map(([x, y]) => `${x} ${y}`).join('L');
		path(`lab-line lab-curve ${run.ink}`, `M${line}`, { 'data-run': runs.indexOf(run) });
	}
	const phases = [...new Set(runs.flatMap((run) => run.marks.map(([, name]) => name)))];
	for (const one of traces) {
		for (const [, x, y] of one.marks) disc(one.run.ink, x, y, 3);
		disc(one.run.ink, ...one.points.at(-1), 3);
	}
	for (const one of traces) {
		const name = fit(one.run.label, isNarrow ? 18 : 30);
		const place = room.label(one, widthOf(name) + 20);
		if (!place) continue;
		const [x, y, isNamed] = place;
		badge(one.run.ink, x, y, one.run.letter);
		if (isNamed) text(`lab-name ${one.run.ink}`, x + 11, y, name);
	}
	// What happens is said on the first curve, where there is room for it.
	for (const [name, x, y] of traces[0]?.marks ?? []) {
		const word = fit(name, 30);
		const place = phases.indexOf(name) < PHASES && room.word(x, y, widthOf(word));
		if (place) text('', ...place, word);
	}

	let y = bottom + 56;
	for (const run of runs) {
		badge(run.ink, 12, y, run.letter);
		text('lab-ink', 24, y, fit(run.label, isNarrow ? (width - 184) / CHARACTER : 36));
		text('lab-ink lab-end', width - 62, y, run.t.length ? amount(unit, run.peak) : isNarrow ? 'none' : 'not measured');
		text('lab-ink lab-end', width - 8, y, ends(run.last));
		const lane = y + (isNarrow ? 16 : 0);
		y += isNarrow ? 38 : 19;
		if (!run.on) continue;
		const last = across(run.last, run);
		path(`lab-line ${run.ink} lab-lane`, `M${left} ${lane}H${last}`);
		path(`lab-line ${run.ink} lab-stop`, `M${last} ${lane - 6}v12`);
		const at = run.marks.map(([time]) => across(time, run));
		run.marks.forEach(([, name], index) => {
			const x = at[index];
			const isAlone = [index - 1, index + 1].every((near) => !(Math.abs(at[near] - x) < 14));
			const number = phases.indexOf(name) + 1;
			if (isAlone && number <= PHASES) badge('lab-quiet', x, lane, number, 6);
			else if (x !== at[index - 1]) path('lab-tick', `M${x} ${lane - 4}v8`);
		});
	}
	y += 6;
	let x = 12;
	const more = phases.splice(PHASES).length;
	[...phases, ...(more ? [`and ${more} more phases`] : [])].forEach((name, index) => {
		const short = fit(name, isNarrow ? 36 : 40);
		if (x > 12 && x + widthOf(short) + 32 > width) [x, y] = [12, y + 18];
		if (index < PHASES) badge('lab-quiet', x, y, index + 1, 6);
		text('lab-ink', x + 11, y, short);
		x += widthOf(short) + 32;
	});
	svg.classList.add('lab-redrawn');
	svg.setAttribute('viewBox', `0 0 ${width} ${y + (phases.length ? 24 : 0)}`);
}

/** A curve in units of the picture: for each column its lowest and highest place, and the points of its line. */
function trace(run, figure) {
	const { box: [left, , right], x: across, y: up } = figure;
	const columns = right - left;
	const columnOf = (time) => Math.min(Math.floor(time * (columns / run.span)), columns - 1);
	const extents = [];
	run.t.forEach((time, index) => {
		const value = run.v[index];
		const extent = (extents[columnOf(time)] ??= { low: value, high: value });
		extent.low = Math.min(extent.low, value);
		extent.high = Math.max(extent.high, value);
		extent.last = value;
	});
	const points = [];
	const add = (x, y) => {
		const [before, last] = points.slice(-2);
		if (last && before?.[1] === last[1] && last[1] === y) last[0] = x;
		else if (!last || last[0] !== x || last[1] !== y) points.push([x, y]);
	};
	let kept;
	const end = Math.max(columnOf(run.last), extents.length - 1);
	for (let at = 0; at <= end; at += 1) {
		if (kept !== undefined) {
			const extent = (extents[at] ??= { low: kept, high: kept, last: kept });
			extent.low = Math.min(extent.low, kept);
			extent.high = Math.max(extent.high, kept);
		}
		const extent = extents[at];
		if (!extent) continue;
		kept = extent.last;
		[extent.low, extent.high, extent.last] = [extent.low, extent.high, extent.last].map(up);
		const turns = extent.last === extent.high ? [extent.low, extent.high] : [extent.high, extent.low];
		for (const y of [...turns, extent.last]) add(left + at, y);
	}
	add(across(run.last, run), points.at(-1)[1]);
	const marks = run.marks.map(([time, name]) => [name, across(time, run), extents[columnOf(time)]?.last]);
	const seen = marks.filter(([, x, y], index) => y !== undefined && (x !== marks[index - 1]?.[1] || y !== marks[index - 1]?.[2]));
	return { run, left, extents, points, marks: seen, end };
}

/** Where there's room for words in a plot: outside of what is written, and of curves as far as possible. */
class Room {
	constructor(traces, edges) {
		Object.assign(this, { traces, edges, taken: [] });
	}

	/** How many columns of curves a box would cover; infinitely many if it is on other words or outside. */
	cost(x, y, width, most) {
		const [left, top, right, bottom] = [x, y - 8, x + width, y + 8];
		const { edges, taken } = this;
		if (left < edges[0] || top < edges[1] || right > edges[2] || bottom > edges[3]) return Infinity;
		if (taken.some((box) => left < box[2] && box[0] < right && top < box[3] && box[1] < bottom)) return Infinity;
		let cost = 0;
		for (const { left: begin, extents } of this.traces) {
			for (let at = Math.max(left - 2 - begin, 0); at < Math.min(right + 2 - begin, extents.length); at += 1) {
				const extent = extents[at];
				if (extent && extent.low > top && extent.high < bottom) cost += 1;
			}
			if (cost >= most) return cost;
		}
		return cost;
	}

	/** Takes the cheapest of some places, each with what it costs in itself, if it costs no more than `most`. */
	take(places, width, most) {
		let best;
		for (const [x, y, price] of places) {
			const cost = price >= most ? price : price + 128 * this.cost(x, y, width, (most - price) / 128 + 1);
			if (cost < most) [most, best] = [cost, [x, y]];
		}
		if (best) this.taken.push([best[0] - 3, best[1] - 8, best[0] + width + 3, best[1] + 8]);
		return best;
	}

	/** The place of the name of a level: on its line, at its right end or elsewhere. */
	level(y, width, left, right) {
		const places = [];
		for (let row = 0; row < 14; row += 1) {
			for (const x of [right - 4 - width, left + 4, (left + right - width) >> 1]) {
				places.push([x, y - 9 - 17 * row, 640 * row + (x > left + 4 ? 0 : 96)], [x, y + 10 + 17 * row, 640 * row + 160]);
			}
		}
		return this.take(places, width, ANY);
	}

	/** The place of a curve's badge, with its name if there's room: at its peak or plateau. */
	label({ extents, left, end }, width) {
		const known = [];
		for (let at = 0; at <= end; at += 1) if (extents[at]) known.push(at);
		const peak = Math.min(...known.map((at) => extents[at].high));
		const high = known.filter((at) => extents[at].high < peak + 12);
		const middle = left + high[high.length >> 1];
		for (const [size, most] of [[width, 960], [16, ANY]]) {
			const places = [];
			for (const at of known) {
				if (at % 4 && at !== known.at(-1)) continue;
				const { high: y, low } = extents[at];
				const price = 32 * (y - peak) + Math.abs(left + at - middle);
				const x = left + at;
				places.push([x - (size >> 1), y - 12, price], [x - (size >> 1), low + 13, price + 96]);
				places.push([x + 9, y, price + 48], [x - 9 - size, y, price + 64]);
			}
			const place = this.take(places, size, most);
			if (place) return [place[0] + 8, place[1], size === width];
		}
	}

	/** The place of a word at a point of a curve, only where it's on nothing. */
	word(x, y, width) {
		const places = [[x + 6, y - 11, 0], [x - 6 - width, y - 11, 16], [x + 6, y + 12, 32], [x - 6 - width, y + 12, 48]];
		return this.take(places, width, 80);
	}
}
