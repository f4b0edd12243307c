// A reader's own record: its curve, what it's made of, its processes, and the diagnosis that it ends with. Nothing
// leaves the page. Anyone may have made the file: all shapes are checked, and every text stays a text.

const MOST_OF_ALL = 64 * 2 ** 20;
const LISTED = 24;

/** What memory is made of: by the control group, or else by the processes. */
const PARTS = [
	['cgroup_anon', 'cgroup_file', 'cgroup_shmem', 'cgroup_kernel'],
	['anon', 'file', 'shmem'],
];

const listed = (value) => (Array.isArray(value) ? value : []);
const object = (value) => (isObject(value) ? value : {});
const said = (value, otherwise = '') => (isText(value) ? value.replace(/\p{C}/gu, ' ').slice(0, 2000) : otherwise);
const counted = (value, otherwise = null) => (isCount(value) ? value : otherwise);

/** The record in a file, with what figures need no look at. */
async function readAll(file) {
	need(file.size <= MOST_OF_ALL, `It has ${amount('bytes', file.size)}, more than this page reads`);
	const text = await file.text();
	const run = await readRecord({ size: 0, text: async () => text });
	const more = { header: {}, trailer: null, each: new Map(), ended: [], events: [] };
	for (const line of text.split('\n')) {
		// One that was cut off was passed over above.
		let value;
		try {
			value = JSON.parse(line);
		} catch {
			break;
		}
		const { header, trailer, process, ended, event, samples } = value;
		if (header) more.header = header;
		if (trailer) more.trailer = trailer;
		if (isObject(process)) processOf(more, process.n).process = process;
		if (isObject(ended)) more.ended.push(ended);
		if (isObject(event)) more.events.push(event);
		const number = samples?.track.match?.(/^process (\d+)(?: (?:io|pages))?$/)?.[1];
		if (number) {
			const { series, highs } = processOf(more, +number);
			for (const [name, list] of Object.entries(samples.columns)) append(series, name, samples.t, list);
			for (const [name, list] of Object.entries({ ...samples.highs, ...samples.peaks })) append(highs, name, samples.t, list);
		}
	}
	// A record that was cut short lasts up to its last sample.
	const last = Object.values(run.series).map(({ t }) => t.at(-1) ?? 0);
	const duration = more.trailer ? run.duration : last.reduce((one, other) => Math.max(one, other), 0);
	return { ...run, ...more, duration };
}

function processOf({ each }, number) {
	if (!each.has(number)) each.set(number, { series: { __proto__: null }, highs: { __proto__: null }, process: {} });
	return each.get(number);
}

/** The highest value of a metric of one process, or of the run. */
function peakOf({ series, highs, peaks }, name) {
	const known = [series[name]?.v, highs[name]?.v].flatMap((list) => list ?? []);
	if (!known.length) return null;
	return known.reduce((one, other) => Math.max(one, other), peaks?.[name] ?? 0);
}

const shownPeak = (of, name) => {
	const peak = peakOf(of, name);
	return peak === null ? '–' : amount('bytes', peak);
};

/** How it ended, as the record's last line has it. */
function endOf({ trailer }) {
	const outcome = trailer?.outcome;
	if (isText(outcome)) return said(outcome).replaceAll('_', ' ');
	const [[kind, value] = []] = Object.entries(object(outcome));
	if (kind === 'exited') return `exited with ${counted(value, '?')}`;
	if (kind === 'killed') return `was ended by ${signal(value.signal)}${value.by === 'oom' ? ', by the OOM killer' : ''}`;
	if (kind === 'failed') return `failed with error ${counted(value.errno, '?')}: ${said(value.at)}`;
	return kind ? `${said(kind).replaceAll('_', ' ')}: ${said(value)}` : 'ended somehow';
}

const signal = (number) => ({ 6: 'SIGABRT', 7: 'SIGBUS', 9: 'SIGKILL', 11: 'SIGSEGV', 15: 'SIGTERM' })[number] ?? `signal ${counted(number, '?')}`;

function part(title, ...children) {
	const section = element('section');
	section.append(element('h3', '', title), ...children);
	return section;
}

/** All that is said of a record. */
function report(record, metrics, name) {
	const { header, trailer } = record;
	const title = said(header.title) || said(header.scenario) || said(header.variant);
	const words = element('p');
	const length = ends(record.duration);
	const end = trailer
		? `${endOf(record)} after ${length}.`
		: `was recorded for ${length}. The last line is missing: the recorder was killed, or still runs. What follows is what it had seen by then.`;
	words.append(element('strong', '', title), ` ${end} `);
	words.append(`Recorded ${clean(header.started)} on ${clean(object(header.machine).kernel)}.`);
	const curve = drawCurve(record, metrics);
	const parts = [part('The diagnosis', ...diagnosisOf(record, curve, name)), part('The curve', curve.element)];
	const made = composition(record, metrics);
	if (made) parts.push(part('What the memory is made of', made));
	if (record.each.size) parts.push(part('Its processes', processTable(record)));
	const moments = momentsOf(record);
	if (moments.length) parts.push(part('What happened', listOf(moments)));
	return [words, ...parts];
}

/** The command that says more. */
function typed(verb, name) {
	const quoted = /^[\w.+-]+$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`;
	return element('code', '', `whyoom ${verb} ${quoted}`);
}

function diagnosisOf({ trailer, duration }, curve, name) {
	const diagnosis = trailer?.diagnosis;
	if (!isObject(diagnosis) || diagnosis.schema !== 1) {
		const reason = trailer ? 'an older recorder wrote it, or it is a run of a scenario, which is judged by its claims' : 'it has no end';
		const why = element('p', '', `This record has no diagnosis: ${reason}. To get one, type `);
		why.append(typed('diagnose', name), ', or ', typed('show', name), ' for everything else.');
		return [why];
	}
	const modes = listed(diagnosis.modes).filter(isObject);
	const fits = modes.filter(({ status, follows_from: cause }) => ['named', 'possible'].includes(status) && !isText(cause));
	const verdict = {
		named: 'The record shows one failure:',
		between: 'The record fits several failures, and can\'t tell them apart:',
		'too-little': 'Too little was seen: the run was too short, or too much couldn\'t be checked.',
		none: 'None of the known failures is seen.',
	};
	const parts = [element('p', '', verdict[diagnosis.verdict] ?? said(diagnosis.verdict))];
	if (isText(diagnosis.mostly)) parts.push(element('p', '', `Most of the memory is what ${said(diagnosis.mostly)} is about, and far from any limit.`));
	for (const mode of fits) parts.push(...modeOf(mode, diagnosis, duration, curve));
	const follow = modes.filter(({ follows_from: cause }) => isText(cause));
	if (follow.length) parts.push(element('p', '', `Also there: ${follow.map(({ id, follows_from: cause }) => `${said(id)} (follows from ${said(cause)})`).join(', ')}.`));
	const unseen = modes.filter(({ status }) => status === 'unseen');
	if (unseen.length) {
		const details = element('details');
		const reasons = unseen.map(({ id, unseen: why }) => `${said(id)}: ${said(listed(why)[0], 'no samples')}`);
		details.append(element('summary', '', `What couldn't be checked: ${unseen.length}`), listOf(reasons));
		parts.push(details);
	}
	return parts;
}

function modeOf(mode, { verdict, peak_bytes: peak }, duration, curve) {
	const head = element('h4');
	head.append(linkTo(mode.chapter, said(mode.id)));
	if (mode.harmless === true) head.append(', which is harmless');
	const explains = counted(mode.explains_bytes);
	const isShare = explains !== null && isCount(peak);
	if (isShare) head.append(`: it explains ${amount('bytes', Math.min(explains, peak))} of ${amount('bytes', peak)}`);
	const lines = [
		...listed(mode.seen).map((quantity) => evidence('Seen', quantity, duration, curve)),
		...listed(mode.against).map((quantity) => evidence('Against', quantity, duration, curve)),
		...listed(mode.unseen).map((why) => `Unseen: ${said(why)}`),
	];
	if (isText(mode.holder)) lines.push(`Held by: ${said(mode.holder)}`);
	if (verdict !== 'named') lines.push(`To tell: ${said(mode.experiment)}`);
	for (const next of listed(mode.next)) {
		const line = element('li', '', 'Next: ');
		line.append(element('code', '', said(next)));
		lines.push(line);
	}
	const chapter = element('li', '', 'Chapter: ');
	chapter.append(linkTo(mode.chapter, said(mode.chapter).replace(/^scenarios\/|\/chapter$/g, '')));
	return [head, element('p', '', said(mode.story)), listOf([...lines, chapter])];
}

/** A page of this book, if the path is none of another place. */
function linkTo(path, text) {
	const isPage = isText(path) && /^[a-z\d-]+(\/[a-z\d-]+)*$/.test(path);
	const link = element(isPage ? 'a' : 'span', '', text);
	if (isPage) link.href = `${path}.html`;
	return link;
}

/** A number that a rule looks at. Where it is of one moment, a button leads there on the curve. */
function evidence(word, quantity, duration, curve) {
	const { what, value, unit, at, required } = object(quantity);
	const units = { bytes: () => amount('bytes', value), microseconds: () => ends(value), percent: () => `${value} %` };
	const number = isCount(value) ? (units[unit]?.() ?? String(value)) : '?';
	const [plain, isTruth] = [said(what).replace(/ \(1 if so\)$/, ''), / \(1 if so\)$/.test(said(what))];
	const line = element('li', '', isTruth ? `${word}: ${plain}: ${value ? 'yes' : 'no'}` : `${word}: ${plain}: ${number} (${said(required)})`);
	if (isCount(at)) {
		const button = element('button', '', `at ${seconds(at)}`);
		button.onclick = () => {
			curve.show(Math.min(at, curve.span));
			curve.element.scrollIntoView({ block: 'nearest' });
		};
		line.append(' ', button);
	}
	return line;
}

/** The figure of all metrics of the run, as every figure of the book. */
function drawCurve(record, metrics) {
	const { header, series } = record;
	const there = metrics.filter(({ name }) => series[name]?.t.length);
	need(there.length, 'It has no samples');
	const first = ['cgroup', 'rss'].find((name) => there.some((metric) => metric.name === name)) ?? there[0].name;
	const limits = object(header.limits);
	const levels = [['cgroup', 'memory limit', limits.memory], ['tmpfs', 'tmpfs limit', limits.tmpfs]];
	const made = element('figure', 'lab-fig');
	made.dataset.fig = 'own';
	made.innerHTML = `<div class="lab-plot"><svg class="lab-figure" viewBox="0 0 760 400" data-box="117 44 622 274"
		data-top="1" role="img" font-family="sans-serif" fill="currentColor"><title>The curve of this record</title></svg></div>
		<script type="application/json" class="lab-json"></script>`;
	made.querySelector('.lab-json').textContent = JSON.stringify({
		metric: first,
		metrics: there,
		...there.find(({ name }) => name === first),
		levels: levels.filter(([, , value]) => isCount(value)).map(([metric, label, value]) => ({ metric, label, value })),
		runs: [{ label: clean(header.variant), marks: [], series: {}, duration: 1 }],
	});
	const figure = new Figure(made);
	const { marks, highs, peaks, duration } = record;
	Object.assign(figure.runs[0], { marks, highs, peaks, duration, series, end: endOf(record) });
	figures.set('own', figure);
	figure.redraw();
	return figure;
}

/** A value at a time: it holds until the next sample. */
const valueAt = ({ t, v }, time) => v[t.findLastIndex((at) => at <= time)] ?? 0;

/** What there is, stacked; nothing where the record has no parts. */
function composition({ series, duration }, metrics) {
	const names = PARTS.map((names) => names.filter((name) => series[name]?.v.some((value) => value > 0))).find((names) => names.length);
	if (!names) return null;
	const [width, left, top, right, bottom] = [760, 70, 20, 740, 260];
	// All parts at one place of the picture are of one moment: that of the first part's sample.
	const all = series[names[0]].t;
	const times = all.filter((time, index) => index % Math.ceil(all.length / 600) === 0 || index === all.length - 1);
	const sums = times.map((time) => {
		let sum = 0;
		return names.map((name) => (sum += valueAt(series[name], time)));
	});
	const span = Math.max(duration, times.at(-1), 1);
	const values = valueAxis('bytes', Math.max(...sums.map((parts) => parts.at(-1))));
	const across = (time) => Math.round(left + (time / span) * (right - left));
	const up = (value) => Math.round(bottom - (value / values.top) * (bottom - top));
	const svg = shape('svg', { class: 'lab-figure lab-stack', viewBox: `0 0 ${width} ${bottom + 30}`, role: 'img', 'aria-label': 'What the memory is made of, stacked; the table has the numbers' });
	const text = (kind, x, y, what) => svg.append(shape('text', { class: kind, x, y }, what));
	for (const [value, name] of values.ticks) {
		svg.append(shape('path', { class: 'lab-grid', d: `M${left} ${up(value)}H${right}` }));
		text('lab-end', left - 6, up(value), name);
	}
	for (const [time, name] of timeAxis(span, 8).ticks) text('lab-middle', across(time), bottom + 16, name);
	const level = (place) => sums.map((parts, index) => [across(times[index]), up(place < 0 ? 0 : parts[place])]);
	const steps = (points) => points.map(([x, y], index) => (index ? `H${x}V${y}` : `${x} ${y}`)).join('');
	names.forEach((name, place) => {
		const end = across(span);
		const back = level(place - 1).reverse();
		// Back along the lower edge: there a step comes before its sample.
		const lower = back.map(([x, y], index) => (index ? `H${back[index - 1][0]}V${y}H${x}` : `V${y}H${x}`)).join('');
		svg.append(shape('path', { class: `lab-area lab-c${place + 1}`, d: `M${steps(level(place))}H${end}${lower}Z` }));
	});
	const highest = sums.reduce((best, parts, index) => (parts.at(-1) > sums[best].at(-1) ? index : best), 0);
	const rows = names.map((name, place) => {
		const key = element('span', `lab-key lab-c${place + 1}`);
		const { title } = metrics.find((metric) => metric.name === name);
		const label = element('span', '', ` ${title === name ? name : `${title} (${name})`}`);
		label.prepend(key);
		return [label, amount('bytes', sums[highest][place] - (sums[highest][place - 1] ?? 0)), amount('bytes', Math.max(...series[name].v))];
	});
	rows.push(['together', amount('bytes', sums[highest].at(-1)), '']);
	const plot = element('div', 'lab-plot');
	plot.append(svg);
	const figure = element('figure', 'lab-made');
	figure.append(plot, tableOf([['part', `at ${seconds(times[highest])}, when they had most together`, 'at most'], ...rows], 'What the memory is made of'));
	return figure;
}

function processTable(record) {
	const { each, ended, duration } = record;
	const all = [...each.values()].map((one) => {
		const { process } = one;
		const t = counted(process.t, 0);
		const end = ended.filter(({ pid, t: at }) => pid === process.pid && at >= t).sort((a, b) => a.t - b.t)[0];
		return { ...one, began: counted(process.began, t), end, until: counted(end?.t, counted(object(process.over).ended, duration)) };
	});
	const most = (one) => peakOf(one, 'anon') ?? peakOf(one, 'rss') ?? 0;
	all.sort((one, other) => most(other) - most(one));
	const span = Math.max(duration, 1);
	const rows = all.slice(0, LISTED).map((one) => {
		const bar = element('span', 'lab-life');
		const from = Math.min(one.began / span, 1) * 100;
		bar.style.marginLeft = `${from}%`;
		bar.style.width = `${Math.max((Math.min(one.until / span, 1) * 100 - from), 1)}%`;
		const status = object(one.end?.status);
		const end = isCount(status.exited) ? `exited with ${status.exited}` : isCount(status.killed) ? `ended by ${signal(status.killed)}` : '–';
		const when = element('span', '', `${seconds(one.began)} to ${seconds(one.until)}`);
		when.append(bar);
		return [`${clean(said(one.process.name, '?'))} (${counted(one.process.pid, '?')})`, when, shownPeak(one, 'anon'), shownPeak(one, 'rss'), end];
	});
	const scroll = tableOf([['process', 'lived', 'most anonymous', 'most resident', 'end'], ...rows], 'Its processes');
	if (all.length > LISTED) scroll.append(element('p', '', `${all.length - LISTED} smaller ones are left out.`));
	return scroll;
}

/** What is more than the coming and going of processes and files. */
function momentsOf({ events, ended, marks }) {
	const kinds = {
		oom_kills: ({ count }) => `the OOM killer ended ${counted(count, '?')}`,
		full: (what) => `full: ${said(what)}`,
		failed: ({ errno, at }) => `it failed with error ${counted(errno, '?')}: ${said(at)}`,
		standstill: ({ since }) => `nothing had moved for ${seconds(counted(since, 0))}`,
	};
	const all = events.flatMap(({ t, what }) => {
		const [[kind, value] = []] = Object.entries(object(what));
		return Object.hasOwn(kinds, kind) && value ? [[t, kinds[kind](isObject(value) ? value : said(value))]] : [];
	});
	for (const { t, pid, name, status } of ended) {
		if (isCount(object(status).killed)) all.push([t, `${clean(said(name))} (${counted(pid, '?')}) was ended by ${signal(status.killed)}`]);
	}
	for (const [t, name] of marks) all.push([t, `mark: ${name}`]);
	all.sort(([one], [other]) => one - other);
	return all.slice(0, LISTED).map(([t, what]) => `${seconds(counted(t, 0))}: ${what}`);
}

function beginOwn(page) {
	const [input, message, shown] = ['input', '.lab-message', '.lab-report'].map((part) => page.querySelector(part));
	const metrics = JSON.parse(document.querySelector('.lab-units').textContent);
	const show = async (file) => {
		message.textContent = '';
		try {
			shown.replaceChildren(...report(await readAll(file), metrics, file.name));
			message.textContent = `${clean(file.name)} was read. It stays on this machine.`;
		} catch (error) {
			shown.replaceChildren();
			message.textContent = `${clean(file.name)} can't be shown. ${error.message}.`;
		}
	};
	input.onchange = () => input.files[0] && show(input.files[0]).then(() => (input.value = ''));
	keepArrows(page);
	for (const kind of ['dragover', 'dragleave', 'drop']) {
		page.addEventListener(kind, (event) => {
			event.preventDefault();
			event.stopPropagation();
			page.classList.toggle('lab-over', kind === 'dragover');
			const [file] = kind === 'drop' ? event.dataTransfer.files : [];
			if (file) show(file);
		});
	}
}

if (!isPrinted()) beginOwn(document.querySelector('.lab-drop'));
