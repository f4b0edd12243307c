// Adds what mdBook lacks for keyboards.

// Arrow keys turn the page, unless they are needed where the focus is.
document.body.addEventListener('keydown', (event) => {
	const isTaken = event.target.closest('.lab-fig, .lab-predict, [tabindex="0"]:not(a)');
	if (isTaken && event.key.startsWith('Arrow')) event.stopPropagation();
});

// The sidebar's toggle is a label, which no key reaches (mdBook's issue 2615).
const toggle = Object.assign(document.getElementById('mdbook-sidebar-toggle'), { tabIndex: 0, role: 'button' });
toggle.onkeydown = (event) => {
	if (!['Enter', ' '].includes(event.key)) return;
	event.preventDefault();
	toggle.click();
};

// Wide blocks scroll by keys too.
for (const wide of document.querySelectorAll('pre > code, .table-wrapper, .lab-plot')) {
	if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
}
