// Brings the figures to life. The picture that came with the page stays as it is until the reader
// changes what is to be seen.

/** The figures of the page, by scenario and name. */
const figures = new Map();

const CONTROLS = `<input type="range" aria-label="Time">
<p class="lab-when"></p><ul class="lab-legend"></ul><output class="lab-says"></output>
<p class="lab-tools"><label>Show <select></select></label>
<label>Add a record of yours <input type="file" accept=".jsonl"></label></p>
<p class="lab-message" role="alert"></p>`;

const ROW = `<label><input type="checkbox"><svg width="26" height="4"><path d="M0 2H26" class="lab-line"/></svg>
<b></b><span></span></label><data></data><i></i><button type="button">Remove</button>`;

class Figure {
  time = null;

  constructor(element) {
    Object.assign(this, JSON.parse(element.querySelector('.lab-json').textContent), { element });
    this.svg = element.querySelector('.lab-plot svg');
    this.box = this.svg.dataset.box.split(' ').map(Number);
    this.top = +this.svg.dataset.top;
    this.width = this.svg.viewBox.baseVal.width;
    for (const run of this.runs) run.on = true;
    for (const level of this.levels) level.kind = 'level';
    this.addControls();
    this.update();
  }

  addControls() {
    const controls = make('div', { className: 'lab-controls', innerHTML: CONTROLS });
    for (const name of ['when', 'legend', 'says', 'message']) this[name] = controls.querySelector(`.lab-${name}`);
    this.svg.parentElement.after(controls);
    this.svg.onpointerdown = this.svg.onpointermove = (event) => this.point(event);
    // Whoever has clicked goes on with the arrow keys.
    this.svg.onclick = () => this.slider.focus({ preventScroll: true });

    const [slider, file] = controls.querySelectorAll('input');
    const [left, , right] = this.box.map((at) => `${(100 * at) / this.width}%`);
    this.slider = slider;
    slider.style.margin = `0 calc(100% - ${right}) 0 ${left}`;
    slider.oninput = () => this.near(+slider.value);
    slider.onkeydown = (event) => this.step(event);
    file.onchange = () => this.add(file.files[0]).then(() => (file.value = ''));

    const choice = controls.querySelector('select');
    choice.append(...this.metrics.map(({ name, label }) => new Option(label, name, false, name === this.metric)));
    choice.onchange = () => {
      this.metric = choice.value;
      this.redraw();
    };
    choice.parentElement.hidden = !this.metrics[1] || this.runs[0].metric;
  }

  /** Adds a record that the reader brings; nothing of it leaves the page. */
  async add(file) {
    try {
      const run = await readRecord(file);
      need(this.metrics.some(({ name }) => run.series[name]), 'It has nothing of what this figure shows');
      if (run.scenario !== this.scenario) run.label = `${run.scenario} ${run.label}`;
      for (const metric of new Set(this.runs.map((run) => run.metric))) {
        this.runs.push({ ...run, metric, label: `${metric ?? ''} ${run.label}`, on: true, isAdded: true });
      }
      this.redraw();
      this.message.textContent = `${run.label}: ${run.stamp}.`;
    } catch (error) {
      this.message.textContent = `${file.name} can not be shown. ${error.message}.`;
    }
  }

  /** Draws a guess as a line, in the place of an earlier one. */
  guess(metric, value) {
    this.levels = this.levels.filter(({ kind }) => kind !== 'guess');
    this.levels.push({ kind: 'guess', label: 'your guess', metric, value });
    this.redraw();
  }

  redraw() {
    this.update();
    draw(this);
    this.show(this.time);
  }

  /** Finds what each run shows of the chosen metric, and puts the controls in accord with it. */
  update() {
    this.runs.forEach((run, index) => {
      run.shows = run.metric ?? this.metric;
      Object.assign(run, run.series[run.shows] ?? { t: [], v: [] });
      run.peak = run.v.reduce((one, other) => Math.max(one, other), 0);
      run.last = Math.max(run.duration, run.t.at(-1) ?? 0);
      run.letter = String.fromCharCode(97 + (index % 26));
      run.ink = `lab-c${(index % 7) + 1}`;
    });
    const { unit, label } = this.metrics.find(({ name }) => name === this.runs[0].shows);
    Object.assign(this, { unit, label });
    this.span = Math.max(1, ...this.runs.map((run) => run.last));
    this.times = this.stops((run) => run.t);
    this.slider.max = this.span;
    this.legend.replaceChildren(...this.runs.map((run) => this.row(run)));
    this.show(this.time);
  }

  /** A run in the legend: a switch, and room for its value. */
  row(run) {
    const row = make('li', { className: run.ink, innerHTML: ROW });
    const [box, letter, label, remove] = row.querySelectorAll('input, b, span, button');
    const redraw = () => {
      this.redraw();
      (this.legend.querySelectorAll('input')[this.runs.indexOf(run)] ?? this.slider).focus();
    };
    letter.textContent = run.letter;
    label.textContent = run.label;
    box.checked = run.on;
    box.onchange = () => redraw((run.on = box.checked));
    remove.hidden = !run.isAdded;
    remove.onclick = () => redraw(this.runs.splice(this.runs.indexOf(run), 1));
    [run.value, run.phase] = row.querySelectorAll('data, i');
    return row;
  }

  point(event) {
    const [left, , right] = this.box;
    const picture = this.svg.getBoundingClientRect();
    const x = ((event.clientX - picture.left) / picture.width) * this.width;
    if (x > left - 12 && x < right + 12) this.near(((x - left) / (right - left)) * this.span);
  }

  /** The arrow keys go to the next sample of any curve, the page keys to the next phase. */
  step(event) {
    const [, way, direction] = event.key.match(/^(Arrow|Page)(Up|Down|Left|Right)$/) ?? [];
    if (!way) return;
    event.preventDefault();
    const stops = way === 'Page' ? this.stops((run) => run.marks.map(([time]) => time)) : this.times;
    const isForward = direction === 'Up' || direction === 'Right';
    const next = isForward ? stops.find((stop) => stop > this.time) : stops.findLast((stop) => stop < this.time);
    this.show(next ?? this.time);
  }

  /** Times of all runs that are switched on, in order. */
  stops(timesOf) {
    const times = this.runs.filter((run) => run.on).flatMap(timesOf);
    return [...new Set(times)].sort((one, other) => one - other);
  }

  /** Goes to the sample that is nearest to a time. */
  near(time) {
    const at = placeOf(this.times, time);
    const [before, after] = [this.times[at] ?? 0, this.times[at + 1] ?? Infinity];
    this.show(time - before < after - time ? before : after);
  }

  /** Reads all curves at a time: in the legend, for ears, and as a line over the picture. */
  show(time) {
    const isRead = time !== null;
    const when = isRead ? `At ${seconds(time, this.span)}` : 'Highest samples';
    const cursor = shape('g', { class: 'lab-cursor' });
    if (isRead) cursor.append(shape('path', { d: `M${this.x(time)} ${this.box[1]}V${this.box[3]}` }));
    let words = when;
    for (const run of this.runs) {
      const [value, phase] = read(run, time);
      run.value.value = value ?? '';
      run.value.textContent = value === null ? '' : amount(this.unit, value);
      run.phase.textContent = phase;
      if (run.on) words += `; ${run.letter} ${run.label}: ${run.value.textContent} ${phase}`;
      if (!isRead || value === null) continue;
      cursor.append(shape('circle', { cx: this.x(time), cy: this.y(value), r: 4.5, class: `lab-dot ${run.ink}` }));
    }
    this.svg.querySelector('.lab-cursor')?.remove();
    this.svg.append(cursor);
    this.time = time;
    this.slider.value = time ?? 0;
    this.slider.ariaValueText = this.when.textContent = when;
    if (isRead) this.says.textContent = words;
  }

  x(time) {
    return Math.round(this.box[0] + (time / this.span) * (this.box[2] - this.box[0]));
  }

  y(value) {
    return Math.round(this.box[3] - Math.min(value / this.top, 1) * (this.box[3] - this.box[1]));
  }
}

/** The value of a run and its phase at a time; at no time its highest value. */
function read(run, time) {
  if (!run.on) return [null, 'off'];
  if (!run.t.length) return [null, 'not measured'];
  if (time === null) return [run.peak, ''];
  if (time > run.last) return [null, run.end ?? 'ended'];
  const phase = run.marks.findLast(([begin]) => begin <= time)?.[1] ?? '';
  return [run.v[placeOf(run.t, time)] ?? null, phase];
}

/** The place of the last of these ascending times that is not after this one. */
const placeOf = (times, time) => times.findLastIndex((other) => other <= time);

for (const element of document.querySelectorAll('.lab-fig')) figures.set(element.dataset.fig, new Figure(element));

// A file that is dropped beside a figure must not take the place of the page.
document.ondragover = (event) => event.preventDefault();
document.ondrop = (event) => {
  event.preventDefault();
  const [file] = event.dataTransfer.files;
  if (file) figures.get(event.target.closest('.lab-fig')?.dataset.fig)?.add(file);
};
