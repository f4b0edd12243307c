// A cache of responses: open files in shared memory without a name, one large and the rest small.
const fs = require('fs');
const held = [];
function hold(name, size) {
  const path = `/dev/shm/response-${process.pid}-${name}`;
  const file = fs.openSync(path, 'w+');
  fs.unlinkSync(path);
  fs.writeSync(file, Buffer.alloc(size, 'r'));
  held.push(file);
}
hold('large', 24 << 20);
let number = 0;
const timer = setInterval(() => {
  hold(number, 1 << 20);
  if (++number === 10) {
    clearInterval(timer);
    setTimeout(() => console.log(held.length), 2000);
  }
}, 100);
