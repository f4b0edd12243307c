// Asks for a prediction before a curve is shown, remembers it in this browser alone, and draws it.

/** What was guessed; where the browser keeps nothing for a page, it is known until that is left. */
let guesses = {};
try {
  guesses = localStorage;
} catch {}

/** What a guess is asked in. */
const ASKED = { bytes: 2 ** 20, count: 1, microseconds: 1e6 };

const questions = [...document.querySelectorAll('.lab-predict')].map((form) => {
  const says = make('output', { className: 'lab-verdict' });
  form.querySelector('fieldset').append(says);
  const truth = JSON.parse(form.querySelector('.lab-json').textContent);
  return { ...truth, form, says, key: `lab/${form.dataset.id}`, figure: figures.get(form.dataset.fig) };
});

for (const question of questions) {
  const { form, key, says } = question;
  form.onsubmit = (event) => {
    event.preventDefault();
    const { value } = form.elements.guess;
    if (!value) return (says.textContent = 'Say first what you expect: a wrong guess teaches more than none.');
    guesses[key] = value;
    answer(question);
  };
  if (!guesses[key]) continue;
  form.elements.guess.value = guesses[key];
  answer(question);
}
for (const figure of new Set(questions.map(({ figure }) => figure))) {
  const onclick = () => {
    for (const other of questions) if (other.figure === figure) guesses[other.key] ??= '';
    veil(figure);
    figure.slider.focus({ preventScroll: true });
  };
  const asks = make('p', {}, 'What do you expect? Predict first, then see the curve.');
  figure?.element.prepend(make('div', { className: 'lab-veil' }, asks, make('button', { onclick }, 'Show me')));
  veil(figure);
}

/** Tells how far the guess is from the answer, and draws it. */
function answer({ form, says, key, figure, kind, unit, metric, answer, text }) {
  const guess = guesses[key];
  form.querySelector('details').open = true;
  if (kind === 'choice') {
    says.textContent = guess === answer ? 'So it is.' : 'It is another one.';
  } else {
    const value = Math.round(guess * ASKED[unit]);
    const [less, more] = value < answer ? [value, answer] : [answer, value];
    const times = less ? `${+(more / less).toPrecision(2)} times ` : '';
    const apart = more <= less * 1.05 ? 'you were right' : `that is ${times}too ${more === value ? 'high' : 'low'}`;
    says.textContent = `You said ${amount(unit, value)}, and it was ${text}: ${apart}.`;
    figure?.guess(metric, value);
  }
  veil(figure);
}

/** Hides a figure until each question on it has a guess, or the reader asks to see it. */
function veil(figure) {
  const isOpen = questions.some((other) => other.figure === figure && !(other.key in guesses));
  figure?.element.classList.toggle('lab-veiled', isOpen);
}
