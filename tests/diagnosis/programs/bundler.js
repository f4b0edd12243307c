// A child bundles into shared memory and crashes; the parent serves what it has, for a while.
const { spawn } = require('child_process');
const bundle = `
  const fs = require('fs');
  fs.writeFileSync('/dev/shm/bundle-' + process.pid, Buffer.alloc(22 << 20, 'b'));
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), 400);
`;
spawn(process.execPath, ['-e', bundle]).on('exit', () => {
  let ticks = 0;
  const timer = setInterval(() => {
    JSON.stringify(Array.from({ length: 2000 }, (_, i) => i));
    if (++ticks === 60) clearInterval(timer);
  }, 50);
});
