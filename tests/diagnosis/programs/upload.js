// Three uploads grow side by side in shared memory, until there is no room for the next chunk.
const fs = require('fs');
const uploads = ['a', 'b', 'c'].map((name) => fs.openSync(`/dev/shm/upload-${process.pid}-${name}`, 'w'));
const chunk = Buffer.alloc(200 * 1024, 'u');
let chunks = 0;
const timer = setInterval(() => {
  try {
    fs.writeSync(uploads[chunks++ % 3], chunk);
    if (chunks === 1000) clearInterval(timer);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
    clearInterval(timer);
  }
}, 12);
