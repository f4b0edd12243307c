// Asks for a prediction before a curve is shown, keeps it in this browser alone, and draws it.

// Else a guess lasts as long as the page.
let guesses = {};
try {
	guesses = localStorage;
} catch {}

const VEIL = `<div class="lab-veil"><p>What do you expect? Predict first, then see the curve.</p>
<button>Show me</button></div>`;

const questions = [...document.querySelectorAll('.lab-predict')].map((form) => {
	const [says, json] = form.querySelectorAll('output, .lab-json');
	return { ...JSON.parse(json.textContent), form, says, key: `lab/${form.dataset.id}`, figure: figures.get(form.dataset.fig) };
});

for (const question of questions) {
	const { form, key } = question;
	form.onsubmit = (event) => {
		event.preventDefault();
		guesses[key] = form.elements.guess.value;
		answer(question);
	};
	if (!guesses[key]) continue;
	form.elements.guess.value = guesses[key];
	answer(question);
}

for (const figure of new Set(questions.map(({ figure }) => figure))) {
	if (!figure) continue;
	figure.element.insertAdjacentHTML('afterbegin', VEIL);
	figure.element.querySelector('button').onclick = () => {
		for (const other of questions) if (other.figure === figure) guesses[other.key] ??= '';
		veil(figure);
		figure.slider.focus({ preventScroll: true });
	};
	veil(figure);
}

function answer({ form, says, key, figure, kind, unit, factor, metric, answer, text }) {
	const guess = guesses[key];
	form.querySelector('details').open = true;
	if (kind === 'choice') {
		says.textContent = guess === answer ? 'So it is.' : 'It is another one.';
	} else {
		const value = Math.round(guess * factor);
		const [less, more] = value < answer ? [value, answer] : [answer, value];
		const times = less ? `${+(more / less).toPrecision(2)} times ` : '';
		const apart = more <= less * 1.05 ? 'you were right' : `that is ${times}too ${more === value ? 'high' : 'low'}`;
		says.textContent = `You said ${amount(unit, value)}, and it was ${text}: ${apart}.`;
		figure?.guess(metric, value);
	}
	veil(figure);
}

/** Hides a figure until each question on it has a guess. */
function veil(figure) {
	const isOpen = questions.some((other) => other.figure === figure && !(other.key in guesses));
	figure?.element.classList.toggle('lab-veiled', isOpen);
}
