// Brings the figures to life. The page's picture stays until a reader changes it.

const figures = new Map();

const CONTROLS = `<div class="lab-controls"><input type="range" aria-label="Time"><p class="lab-when"></p>
<ul class="lab-legend"></ul><div class="lab-tools"><label>Show <select></select></label>
<details><summary>Add a record of yours</summary><label>Its file <input type="file" accept=".jsonl"></label></details></div>
<p class="lab-message" role="alert"></p></div>`;

const ROW = `<li><label><input type="checkbox" checked><b></b><span></span></label>
<data></data><i></i><button>Remove</button></li>`;

class Figure {
	constructor(element) {
		const { runs, ...data } = JSON.parse(element.querySelector('.lab-json').textContent);
		const svg = element.querySelector('.lab-plot svg');
		const [live, cursor] = ['lab-live', 'lab-cursor'].map((name) => shape('g', { class: name }));
		svg.append(live, cursor);
		svg.parentElement.insertAdjacentHTML('afterend', CONTROLS);
		const parts = element.querySelectorAll('.lab-controls :is(input, p, ul, select)');
		const [slider, when, legend, choice, file, message] = parts;
		Object.assign(this, data, { element, svg, live, cursor, slider, when, legend, message, runs: [], joined: 0 });
		this.box = svg.dataset.box.split(' ').map(Number);
		this.top = +svg.dataset.top;
		this.width = this.room = svg.viewBox.baseVal.width;
		this.title = svg.querySelector('title').textContent;
		for (const level of this.levels) level.kind = 'level';
		for (const run of runs) {
			for (const series of Object.values(run.series)) {
				[series.t, series.v].forEach(add);
				series.v = series.v.map((value) => value * (series.of ?? 1));
			}
			this.join(run);
		}
		this.update();
		this.show(null);
		this.align();

		svg.onpointerdown = svg.onpointermove = (event) => this.point(event);
		// After a click, the arrow keys go on.
		svg.onclick = () => slider.focus({ preventScroll: true });
		slider.oninput = () => this.show(+slider.value);
		slider.onkeydown = (event) => this.step(event);
		file.onchange = () => this.add(file.files[0]).then(() => (file.value = ''));
		choice.append(...this.metrics.map(({ name, label }) => new Option(label, name, false, name === this.metric)));
		choice.onchange = () => {
			this.metric = choice.value;
			this.redraw();
		};
		choice.parentElement.hidden = !this.metrics[1] || runs[0].metric;
	}

	/** Draws for a window as narrow as a phone, and again as it is turned. */
	fit() {
		const { clientWidth } = this.svg.parentElement;
		const room = Math.min(Math.max(clientWidth, NARROWEST), NARROW);
		if (!clientWidth || room === Math.min(this.room, NARROW)) return;
		this.room = room;
		this.redraw();
	}

	/** Puts the slider under the axis of time. */
	align() {
		const [left, , right] = this.box.map((at) => (100 * at) / this.width);
		this.slider.style.margin = `0 ${100 - right}% 0 ${left}%`;
	}

	/** Takes a run in, with a row of the legend. */
	join(run) {
		this.legend.insertAdjacentHTML('beforeend', ROW);
		const row = this.legend.lastChild;
		const [box, letter, label, value, phase, remove] = row.querySelectorAll('input, b, span, data, i, button');
		const place = this.joined++;
		this.runs.push(Object.assign(run, { value, phase, on: true }));
		letter.textContent = run.letter = String.fromCharCode(97 + (place % 26));
		run.ink ??= (place % 7) + 1;
		row.className = run.ink = `lab-c${run.ink}${run.twin ? ' lab-twin' : ''}`;
		label.textContent = row.title = run.label;
		box.onchange = () => {
			run.on = box.checked;
			this.redraw();
		};
		remove.hidden = !run.stamp;
		remove.onclick = () => {
			row.remove();
			this.runs = this.runs.filter((other) => other !== run);
			this.redraw();
			this.slider.focus();
		};
	}

	/** Adds a reader's record, which never leaves the page. */
	async add(file) {
		try {
			const run = await readRecord(file);
			need(this.metrics.some(({ name }) => run.series[name]), 'It has nothing of what this figure shows');
			for (const metric of new Set(this.runs.map((run) => run.metric))) {
				// It has the hue of what it is to be compared with.
				const like = this.runs.find((other) => (metric ? other.metric === metric : other.variant === run.variant));
				const ink = like && +like.ink.match(/\d/)[0];
				this.join({ ...run, metric, ink, twin: !!like, label: `${metric ?? ''} ${run.label}`.trim() });
			}
			this.redraw();
			this.message.textContent = `${run.label}: ${run.stamp}.`;
		} catch (error) {
			this.message.textContent = `${file.name} can't be shown. ${error.message}.`;
		}
	}

	guess(metric, value) {
		this.levels = this.levels.filter(({ kind }) => kind !== 'guess');
		this.levels.push({ kind: 'guess', label: 'your guess', metric, value });
		this.redraw();
	}

	redraw() {
		this.update();
		draw(this);
		this.align();
		this.show(this.time === null ? null : Math.min(this.time, this.span));
	}

	update() {
		for (const run of this.runs) {
			run.shows = run.metric ?? this.metric;
			Object.assign(run, run.series[run.shows] ?? { t: [], v: [] });
			const known = run.v.concat(run.highs?.[run.shows]?.v ?? []);
			run.peak = known.reduce((one, other) => Math.max(one, other), run.peaks?.[run.shows] ?? 0);
			run.last = Math.max(run.duration, run.t.at(-1) ?? 0);
		}
		const { unit, title } = this.metrics.find(({ name }) => name === this.runs[0].shows);
		Object.assign(this, { unit, axis: this.runs[0].metric ? this.axis ?? '' : title ?? '' });
		const on = this.runs.filter((run) => run.on);
		this.slider.max = this.span = Math.max(1, ...(on[0] ? on : this.runs).map((run) => run.last));
		for (const run of this.runs) run.span = this.own_time ? run.last || 1 : this.span;
	}

	point(event) {
		const [left, , right] = this.box;
		const picture = this.svg.getBoundingClientRect();
		const x = ((event.clientX - picture.left) / picture.width) * this.width;
		const part = Math.min(Math.max((x - left) / (right - left), 0), 1);
		this.show(Math.round(part * this.span));
	}

	/** Arrow keys go to the next sample of any curve, page keys to the next phase. */
	step(event) {
		const [, way, isForward] = event.key.match(/^(Arrow|Page)(?:(Up|Right)|Down|Left)$/) ?? [];
		if (!way) return;
		event.preventDefault();
		const timesOf = (run) => (way === 'Page' ? run.marks.map(([time]) => time) : run.t).map((time) => Math.round((time / run.span) * this.span));
		const stops = this.runs.filter((run) => run.on).flatMap(timesOf).sort((one, other) => one - other);
		const next = isForward ? stops.find((stop) => stop > this.time) : stops.findLast((stop) => stop < this.time);
		this.show(next ?? this.time);
	}

	/** Reads all curves at a time: in the legend, in the picture, and for ears. */
	show(time) {
		const isRead = time !== null;
		const rest = `Point at the picture, or move the slider, to read the curves.${this.runs[1] ? ' Switch one off to see the others closer.' : ''}`;
		const at = this.own_time ? `${Math.round((100 * time) / this.span)} % of each run` : seconds(time);
		this.when.textContent = isRead ? `At ${at}` : rest;
		this.legend.classList.toggle('lab-idle', !isRead);
		this.cursor.replaceChildren();
		if (isRead) this.cursor.append(shape('path', { d: `M${this.x(time)} ${this.box[1]}V${this.box[3]}` }));
		let words = isRead ? this.when.textContent : 'Highest values';
		for (const run of this.runs) {
			const [value, phase] = read(run, isRead ? Math.round((time / this.span) * run.span) : null);
			run.value.value = value;
			run.value.textContent = value === '' ? '' : amount(this.unit, value);
			run.phase.textContent = phase;
			if (run.on) words += `; ${run.letter} ${run.label}: ${run.value.textContent} ${phase}`;
			if (!isRead || value === '') continue;
			this.cursor.append(shape('circle', { class: `lab-dot ${run.ink}`, cx: this.x(time), cy: this.y(value) }));
		}
		this.time = time;
		this.slider.value = time ?? 0;
		this.slider.ariaValueText = words;
	}

	x = (time, { span } = this) => this.box[0] + Math.round((time / span) * (this.box[2] - this.box[0]));

	y = (value) => this.box[3] - Math.round(Math.min(value / this.top, 1) * (this.box[3] - this.box[1]));
}

/** Turns differences into values. */
function add(steps) {
	for (let at = 1; at < steps.length; at += 1) steps[at] += steps[at - 1];
}

/** A run's value and phase at a time, or its highest value. */
function read(run, time) {
	if (!run.on) return ['', 'off'];
	if (!run.t.length) return ['', 'not measured'];
	if (time === null) return [run.peak, ''];
	if (time > run.last) return ['', run.end ?? 'ended'];
	const phase = run.marks.findLast(([begin]) => begin <= time)?.[1] ?? '';
	return [run.v[run.t.findLastIndex((at) => at <= time)] ?? '', phase];
}

for (const element of document.querySelectorAll('.lab-fig')) figures.set(element.dataset.fig, new Figure(element));

// The list of chapters takes room too.
const watch = new ResizeObserver(() => figures.forEach((figure) => figure.fit()));
for (const figure of figures.values()) {
	figure.fit();
	watch.observe(figure.svg.parentElement);
}

// A file that is dropped next to a figure must not replace the page.
document.ondragover = document.ondragleave = document.ondrop = (event) => {
	event.preventDefault();
	const element = event.target.closest('.lab-fig');
	element?.classList.toggle('lab-over', event.type === 'dragover');
	// A browser names the file only when it is dropped.
	const [file] = event.dataTransfer.files;
	if (file) figures.get(element?.dataset.fig)?.add(file);
};
