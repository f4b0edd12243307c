// Five minifiers, each a Node of its own with a cache of the same size.
const { fork } = require('child_process');
if (process.argv[2] === 'minify') {
  const cache = Buffer.alloc(18 << 20, 'm');
  setTimeout(() => process.exit(cache[5] === 0 ? 1 : 0), 3500);
} else {
  let started = 0;
  let failed = 0;
  const timer = setInterval(() => {
    fork(__filename, ['minify']).on('exit', (code) => { process.exitCode = failed ||= code === 0 ? 0 : 1; });
    if (++started === 5) clearInterval(timer);
  }, 250);
}
