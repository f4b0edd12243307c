// Reads a record that the reader brings: lines of JSON, as harness/src/record.rs writes them.
// Anyone may have made the file, so every shape is checked, and its texts stay texts.

const SCHEMA = 1;
const MOST = { bytes: 16 * 2 ** 20, samples: 200_000 };

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
const isText = (value) => typeof value === 'string';
const clean = (text) => String(text).replace(/\p{C}/gu, ' ').slice(0, 60);

/** The kinds of lines, and what must be in them. */
const LINES = {
  header: { schema: isCount, scenario: isText, variant: isText, started: isText, machine: isObject },
  samples: { track: isText, t: Array.isArray, columns: isObject },
  mark: { t: isCount, name: isText },
  done: {},
  trailer: { duration: isCount },
};

function need(is, otherwise) {
  if (!is) throw new Error(otherwise);
}

/** The run in a file; the promise fails, with a message for people, where it holds no record. */
async function readRecord(file) {
  need(file.size <= MOST.bytes, `It has ${amount('bytes', file.size)}, more than a record`);
  const lines = (await file.text()).split('\n');
  // Without a prototype, for any text may be a name.
  const [tracks, series] = [Object.create(null), Object.create(null)];
  const run = { tracks, series, marks: [], duration: 0 };
  for (const [index, line] of lines.entries()) {
    // A last line without an end was cut off when the recorder was killed: what came before is good.
    if (index && index === lines.length - 1) break;
    try {
      take(run, JSON.parse(line));
    } catch (error) {
      throw new Error(`Line ${index + 1}: ${error instanceof SyntaxError ? 'this is not JSON' : error.message}`);
    }
  }
  return run;
}

function take(run, line) {
  const [[kind, value] = []] = isObject(line) ? Object.entries(line) : [];
  need(Object.hasOwn(LINES, kind) && isObject(value), 'this is no line of a record');
  for (const [name, is] of Object.entries(LINES[kind])) {
    need(is(value[name]), `"${name}" is missing in the ${kind}, or is not what it should be`);
  }
  need(!run.stamp === (kind === 'header'), 'a record has one header, in its first line');
  if (kind === 'header') {
    need(value.schema <= SCHEMA, `format ${value.schema} is newer than this page, which reads ${SCHEMA}`);
    run.scenario = clean(value.scenario);
    run.label = `${clean(value.variant)}, yours`;
    run.stamp = `recorded ${clean(value.started)} on ${clean(value.machine.kernel)}`;
  } else if (kind === 'samples') {
    append(run, value);
  } else if (kind === 'mark') {
    run.marks.push([value.t, clean(value.name)]);
  } else if (kind === 'trailer') {
    run.duration = value.duration;
  }
}

/** Adds a block of samples: each column is its first value, followed by differences. */
function append({ tracks, series }, { track, t, columns }) {
  const names = Object.keys(columns);
  const isNew = !tracks[track];
  const { times } = (tracks[track] ??= { times: [], names });
  need(String(names) === String(tracks[track].names), 'other columns than in the block before');
  need(!(t[0] < times.at(-1)) && t.slice(1).every((step) => step >= 0), 'the time goes backwards');
  extend(times, t, 't');
  need(times.length <= MOST.samples, `more than ${MOST.samples} samples`);
  for (const name of names) {
    if (isNew) series[name] = { t: times, v: [] };
    extend(series[name].v, columns[name], name);
    need(series[name].v.length === times.length, `"${clean(name)}" has not as many values as there are times`);
  }
}

function extend(values, steps, name) {
  let sum = 0;
  need(Array.isArray(steps), `"${clean(name)}" is no list`);
  for (const step of steps) {
    sum += step;
    need(Number.isInteger(step) && isCount(sum), `"${clean(name)}" has a value that is no count`);
    values.push(sum);
  }
}
