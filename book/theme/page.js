// Adds what mdBook lacks for keyboards, fingers and copies.

// Arrow keys turn the page, unless they are needed where the focus is.
document.body.addEventListener('keydown', (event) => {
	const isTaken = event.target.closest('[class^=lab-], [tabindex="0"]:not(a)');
	if (isTaken && event.key.startsWith('Arrow')) event.stopPropagation();
});

// The sidebar's toggle is a label, which no key reaches (mdBook's issue 2615).
const toggle = Object.assign(document.getElementById('mdbook-sidebar-toggle'), { tabIndex: 0, role: 'button' });
toggle.onkeydown = (event) => {
	if (!['Enter', ' '].includes(event.key)) return;
	event.preventDefault();
	toggle.click();
};

// Wide blocks scroll by keys too, also those that become wide when a phone is turned or a part is unfolded.
const wide = new ResizeObserver((blocks) => {
	for (const { target } of blocks) {
		if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
		else target.removeAttribute('tabindex');
	}
});
for (const block of document.querySelectorAll('pre > code, .table-wrapper, .lab-plot')) wide.observe(block);

// The copy button takes what is to be typed, without the answers.
const whole = playground_text;
playground_text = (block, hidden) => {
	const commands = [...block.querySelectorAll('.lab-command')].map(({ textContent }) => textContent);
	return commands.join('\n') || whole(block, hidden);
};

// A finger can't point: its first touch shows what a term means, and the second one follows the link.
let shown;
document.addEventListener('click', (event) => {
	const term = event.target.closest('.lab-term');
	if (term && term !== shown && event.pointerType === 'touch') event.preventDefault();
	shown = term;
});
document.addEventListener('keyup', ({ key, target }) => key === 'Escape' && target.matches('.lab-term') && target.blur());
