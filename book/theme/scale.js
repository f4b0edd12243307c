// Numbers and axes as harness/src/chart/scale.rs makes them.

const UNITS = {
	bytes: [1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB']],
	count: [1000, ['', 'k', 'M', 'G', 'T']],
	microseconds: [1000, ['us', 'ms', 's', 'ks']],
};

/** A value with three digits and the unit that suits it: `31.9 MiB`. */
function amount(unit, value) {
	const [size, name] = unitOf(unit, value);
	const number = value / size;
	const digits = size === 1 || number >= 99.95 ? 0 : number >= 9.995 ? 1 : 2;
	// A tie goes to the even side, as in Rust.
	const isDown = number % 0.125 === 0 && (number * 10 ** digits) % 2 === 0.5;
	return `${+(number - isDown * 1e-9).toFixed(digits)} ${value ? name : ''}`.trim();
}

/** A moment, to the millisecond. */
const seconds = (time) => `${(time / 1e6).toFixed(3)} s`;

/** A time in seconds, with about three digits. */
function ends(time) {
	const seconds = time / 1e6;
	return `${seconds.toFixed(seconds < 0.1 ? 3 : seconds < 10 ? 2 : seconds < 100 ? 1 : 0)} s`;
}

function valueAxis(unit, highest) {
	const least = highest || (unit === 'bytes' ? 2 ** 22 : 1);
	const nice = unit === 'bytes' ? 2 ** Math.ceil(Math.log2(least / 6)) : decimalStep(least / 6);
	const step = Math.max(nice, 1);
	const round = step < 4 ? step : step / 4;
	return axis(Math.ceil(least / round) * round, step, ...unitOf(unit, step));
}

function timeAxis(span, count) {
	const step = decimalStep(span / count);
	const digits = Math.min(Math.max(6 - Math.floor(Math.log10(step) + 1e-9), 0), 9);
	return axis(span, step, 1e6, 's', (value) => (value ? value.toFixed(digits) : '0'));
}

function axis(top, step, size, unit, text = (value) => String(+value.toPrecision(9))) {
	const ticks = [];
	for (let value = 0; value <= top * (1 + 1e-9); value = step * ticks.length) {
		ticks.push([value, text(value / size)]);
	}
	if (unit) ticks.at(-1)[1] += ` ${unit}`;
	return { top, ticks };
}

function unitOf(unit, value) {
	const [base, names] = UNITS[unit];
	let [size, index] = [1, 0];
	while (value >= size * base && names[index + 1]) {
		size *= base;
		index += 1;
	}
	return [size, names[index]];
}

/** The smallest of 0.5, 1, 2, 5, 10 and so on, from `least` on. */
function decimalStep(least) {
	const decade = 10 ** Math.floor(Math.log10(least));
	return decade * [1, 2, 5, 10].find((nice) => nice * decade >= least * (1 - 1e-9));
}
