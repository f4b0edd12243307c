// Clients send, and the server never reads: it is all in the buffers of the sockets.
const net = require('net');
const address = `\0clients-${process.pid}`;
const clients = [];
const server = net.createServer({ pauseOnConnect: true }, (socket) => clients.push(socket));
server.listen(address, () => {
  let count = 0;
  const timer = setInterval(() => {
    const client = net.connect(address, () => client.write(Buffer.alloc(90 * 1024, 'c')));
    clients.push(client);
    if (++count === 300) {
      clearInterval(timer);
      setTimeout(() => {
        clients.forEach((socket) => socket.destroy());
        server.close();
      }, 2000);
    }
  }, 8);
});
