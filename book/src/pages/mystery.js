// The mysteries: one at a time, its evidence one after the other, a name, and why. What a reader has asked and
// answered stays in this browser.

const mysteries = new Map();

class Mystery {
	constructor(section, choices) {
		this.section = section;
		this.number = section.dataset.number;
		this.key = `lab/mystery/${this.number}`;
		this.answer = section.querySelector('.lab-answer');
		this.says = element('output', 'lab-verdict');
		this.says.tabIndex = -1;
		this.counts = element('p', 'lab-when');
		this.asks = element('div');
		this.form = nameForm(choices, (said) => this.judge(said));
		this.answer.before(element('h3', '', 'Ask for evidence'), this.asks, this.counts, this.form, this.says);
	}

	/** What was asked and said so far. Anything may be in the store. */
	get kept() {
		try {
			const { asked, said, isRight } = JSON.parse(guesses[this.key]);
			if (Array.isArray(asked)) return { asked, said: String(said ?? ''), isRight: isRight === true };
		} catch {}
		return { asked: [], said: '' };
	}

	keep(more) {
		guesses[this.key] = JSON.stringify({ ...this.kept, ...more });
	}

	/** Loads what can be asked: once, and as a script, which a page from a disk may load too. */
	load() {
		this.file ??= new Promise((loaded, failed) => {
			this.loaded = loaded;
			const script = element('script');
			script.src = `mysteries/${this.number}.js`;
			script.onerror = () => failed(new Error('The evidence could not be loaded.'));
			document.head.append(script);
		});
		return this.file;
	}

	async show() {
		this.section.hidden = false;
		if (this.asks.childElementCount) return;
		this.answer.hidden = true;
		try {
			const file = await this.load();
			this.asks.append(...file.evidence.map((evidence, place) => this.question(evidence, place)));
			this.count();
			if (this.kept.said) this.explain(file);
		} catch (error) {
			this.counts.textContent = error.message;
		}
	}

	/** A question, which is answered when it is opened. */
	question({ asks, lines = [], svg, rows = [] }, place) {
		const details = element('details', 'lab-ask');
		details.append(element('summary', '', asks));
		details.ontoggle = () => {
			if (!details.open || details.childElementCount > 1) return;
			if (svg) details.append(drawn(svg));
			if (lines.length) details.append(listOf(lines));
			if (rows.length > 1) details.append(tableOf(rows, asks));
			if (details.childElementCount === 1) details.append(element('p', '', 'The record has nothing of it.'));
			const { asked, said } = this.kept;
			// What is asked after the answer doesn't count.
			if (!said && !asked.includes(place)) this.keep({ asked: [...asked, place] });
			this.count();
		};
		details.open = this.kept.asked.includes(place);
		return details;
	}

	count() {
		this.counts.textContent = `You asked for ${this.kept.asked.length} of ${this.asks.childElementCount}.`;
	}

	/** The first answer counts. */
	async judge(said) {
		const file = await this.load();
		this.keep({ said, isRight: said === file.answer || Object.hasOwn(file.also, said) });
		this.explain(file);
		progress(this.number);
		this.says.focus();
	}

	explain({ also, not }) {
		const { said, isRight } = this.kept;
		this.says.textContent = `${isRight ? `Right: ${said}.` : `Not so: it isn't ${said}.`} ${also[said] ?? not[said] ?? ''} `;
		if (!isRight && said !== 'healthy') {
			const link = element('a', '', `What ${said} looks like`);
			link.href = `scenarios/${encodeURIComponent(said)}/chapter.html`;
			this.says.append(link);
		}
		for (const control of this.form.elements) control.disabled = true;
		this.form.elements.said.value = said;
		this.answer.hidden = false;
		this.answer.open = true;
	}
}

/** The file of a mystery calls this. */
function labMystery(number, file) {
	mysteries.get(String(number)).loaded(file);
}

/** The pictures that `bookgen` has drawn, for a wide window and for a narrow one. */
function drawn(svg) {
	const both = element('div', 'lab-points');
	both.innerHTML = svg;
	return both;
}

/** The names to choose from, and a button. */
function nameForm(choices, onsaid) {
	const form = element('form', 'lab-name');
	const label = element('label', '', 'What is it? ');
	const choice = element('select');
	choice.name = 'said';
	choice.required = true;
	choice.append(new Option('choose a name', ''), ...choices.map(([name, title]) => new Option(`${name}: ${title}`, name)));
	label.append(choice);
	form.append(label, ' ', element('button', '', 'Answer'));
	form.onsubmit = (event) => {
		event.preventDefault();
		onsaid(choice.value);
	};
	return form;
}

function choose(number) {
	for (const [other, { section }] of mysteries) section.hidden = other !== number;
	mysteries.get(number).show();
	progress(number);
}

/** Marks what was named, and which is open. */
function progress(open) {
	const page = document.querySelector('.lab-mysteries');
	const [right, wrong] = [[], []];
	for (const button of page.querySelectorAll('nav button')) {
		const { said, isRight } = mysteries.get(button.value).kept;
		if (said) (isRight ? right : wrong).push(button.value);
		button.textContent = button.value + (said ? (isRight ? ' ✓' : ' ✗') : '');
		button.ariaLabel = `Mystery ${button.value}${said ? (isRight ? ', right' : ', wrong') : ''}`;
		button.ariaCurrent = String(button.value === open);
	}
	const answered = right.length + wrong.length;
	page.querySelector('.lab-stands').textContent = `Answered: ${answered} of ${mysteries.size}, right: ${right.length}.`;
	page.querySelector('.lab-again').hidden = !answered;
}

function begin(page) {
	const choices = JSON.parse(page.querySelector('.lab-json').textContent);
	for (const section of page.querySelectorAll('.lab-mystery')) {
		mysteries.set(section.dataset.number, new Mystery(section, choices));
	}
	// A row of numbers leads from one to the other.
	const numbers = element('nav', 'lab-numbers');
	numbers.ariaLabel = 'Mysteries';
	for (const number of mysteries.keys()) {
		const button = element('button');
		button.value = number;
		button.onclick = () => {
			choose(number);
			// Only now: a browser would scroll to it as the page opens.
			history.replaceState(null, '', `#case-${number}`);
		};
		numbers.append(button);
	}
	const again = element('button', 'lab-again', 'Forget all answers');
	again.onclick = () => {
		for (const { key } of mysteries.values()) delete guesses[key];
		location.reload();
	};
	page.prepend(numbers, element('p', 'lab-stands'));
	page.append(again);
	keepArrows(page);
	const wanted = location.hash.match(/^#case-(\d+)$/)?.[1];
	const open = [...mysteries.values()].find(({ kept }) => !kept.said)?.number;
	choose(mysteries.has(wanted) ? wanted : (open ?? '1'));
}

if (!isPrinted()) begin(document.querySelector('.lab-mysteries'));
