// Reads a record, as harness/src/model/record writes it. Anyone may have made it: all shapes are checked.

const SCHEMA = 3;
const MOST_BYTES = 4 * 2 ** 20;

const isObject = (value) => value?.constructor === Object;
const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
const isText = (value) => typeof value === 'string';
const isObjectOf = (is) => (value) => isObject(value) && Object.values(value).every(is);
const clean = (text) => String(text).replace(/\p{C}/gu, ' ').slice(0, 60);

/** The kinds of lines, and what must be in them. */
const LINES = {
	header: { schema: isCount, title: isText, variant: isText, started: isText, machine: isObjectOf(isText) },
	samples: { t: Array.isArray, columns: isObject },
	mark: { t: isCount, name: isText },
	done: {},
	process: {},
	ended: {},
	event: {},
	trailer: { duration: isCount, peaks: isObjectOf(isCount) },
};

function need(is, otherwise) {
	if (!is) throw new Error(otherwise);
}

/** The run in a file, or an error for people. */
async function readRecord(file) {
	need(file.size <= MOST_BYTES, `It has ${amount('bytes', file.size)}, more than a record`);
	const lines = (await file.text()).split('\n');
	// No prototype: any text may be a name.
	const run = { series: { __proto__: null }, highs: { __proto__: null }, marks: [], duration: 0 };
	for (const [index, line] of lines.entries()) {
		// A killed recorder leaves half a line.
		if (index && index === lines.length - 1) break;
		try {
			take(run, JSON.parse(line));
		} catch (error) {
			throw new Error(`Line ${index + 1}: ${error instanceof SyntaxError ? 'this is not JSON' : error.message}`);
		}
	}
	for (const name in run.series) spikes(run.series[name], run.highs[name]);
	return run;
}

/** A high-water mark is a point of its own, at the time of its sample and before it. */
function spikes(series, highs) {
	if (!highs) return;
	const points = [highs, series].flatMap(({ t, v }) => t.map((time, index) => [time, v[index]]));
	points.sort(([one], [other]) => one - other);
	[series.t, series.v] = [0, 1].map((at) => points.map((point) => point[at]));
}

function take(run, line) {
	const [kind, value] = Object.entries(line ?? {})[0] ?? [];
	need(Object.hasOwn(LINES, kind) && isObject(value), 'this is no line of a record');
	for (const [name, is] of Object.entries(LINES[kind])) {
		need(is(value[name]), `"${name}" is missing in the ${kind}, or is not what it should be`);
	}
	need(!run.stamp === (kind === 'header'), 'a record has one header, in its first line');
	if (kind === 'header') {
		need(value.schema <= SCHEMA, `format ${value.schema} is newer than this page, which reads ${SCHEMA}`);
		run.variant = value.variant;
		run.label = `${clean(value.variant)}, yours`;
		run.stamp = `${clean(value.scenario ?? value.title)}, recorded ${clean(value.started)} on ${clean(value.machine.kernel)}`;
	} else if (kind === 'samples') {
		const { track, t, columns, peaks, highs } = value;
		// Single processes have the same names.
		if (/^(process|other) /.test(track)) return;
		for (const name in columns) {
			// Format 1 has the highs in columns of their own.
			const [plain, end] = name.split(/_peak$/);
			append(end === '' ? run.highs : run.series, plain, t, columns[name]);
		}
		// A mark is above merged highs.
		for (const [name, list] of Object.entries({ ...highs, ...peaks })) append(run.highs, name, t, list);
	} else if (kind === 'mark') {
		run.marks.push([value.t, clean(value.name)]);
	} else if (kind === 'trailer') {
		({ duration: run.duration, peaks: run.peaks } = value);
	}
}

/** Adds a block of differences. */
function append(all, name, times, values) {
	const { t, v } = (all[name] ??= { t: [], v: [] });
	need(Array.isArray(values) && values.length === times.length, `"${clean(name)}" has not one value for each time`);
	need(!(times[0] < t.at(-1)) && times.slice(1).every((step) => step >= 0), 'the time goes backwards');
	for (const [list, steps] of [[t, times], [v, values]]) {
		let sum = 0;
		for (const step of steps) {
			sum += step;
			need(Number.isInteger(step) && isCount(sum), `"${clean(name)}" has a value that is no count`);
			list.push(sum);
		}
	}
}
