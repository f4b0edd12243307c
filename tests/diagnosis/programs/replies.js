// The child that should reply has crashed; a server socket keeps the parent in its event loop.
const { fork } = require('child_process');
const net = require('net');
if (process.argv[2] === 'child') {
  process.on('message', (number) => {
    if (number === 4) process.kill(process.pid, 'SIGKILL');
    process.send(number);
  });
} else {
  const child = fork(__filename, ['child']);
  const socket = `\0replies-${process.pid}`;
  const server = net.createServer().listen(socket);
  child.on('message', (number) => {
    if (number === 9) server.close();
    else setTimeout(() => child.send(number + 1), 50);
  });
  child.send(0);
}
