// Sends a child the whole address book with each letter.
const { fork } = require('child_process');
if (process.argv[2] === 'child') {
  process.on('message', ({ book, number }) => process.send(book.length + number));
} else {
  const child = fork(__filename, ['child']);
  const book = 'name, street, town; '.repeat(150000);
  let number = 0;
  child.on('message', () => {
    if (++number === 32) child.disconnect();
    else setTimeout(() => child.send({ book, number }), 20);
  });
  child.send({ book, number });
}
