// What the pages with scripts of their own are made of. Only functions: the page to be printed has them twice.

function element(name, kind = '', text = '') {
	const made = document.createElement(name);
	if (kind) made.className = kind;
	made.textContent = text;
	return made;
}

function listOf(lines) {
	const made = element('ul');
	made.append(...lines.map((line) => (line instanceof Node ? line : element('li', '', line))));
	return made;
}

/** A table that scrolls by keys too. Its first row has the heads; a cell is a text or an element. */
function tableOf([heads, ...rows], label) {
	const made = element('table');
	const add = (part, kind, cells) => {
		const line = part.insertRow();
		for (const cell of cells) {
			const one = element(kind);
			one.append(cell);
			line.append(one);
		}
		return line.cells;
	};
	for (const head of add(made.createTHead(), 'th', heads)) head.scope = 'col';
	const body = made.createTBody();
	for (const cells of rows) add(body, 'td', cells);
	const scroll = element('div', 'lab-scroll');
	scroll.tabIndex = 0;
	scroll.role = 'region';
	scroll.ariaLabel = label;
	scroll.append(made);
	return scroll;
}

/** Keeps arrow keys to a part of the page: elsewhere they turn it. */
function keepArrows(part) {
	part.addEventListener('keydown', (event) => {
		if (event.key.startsWith('Arrow')) event.stopPropagation();
	});
}

/** Whether this is the page that has all others, to be printed. */
function isPrinted() {
	return location.pathname.endsWith('/print.html');
}
