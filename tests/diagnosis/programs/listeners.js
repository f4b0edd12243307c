// Each connection adds a listener that captures its own data, and removes none.
const { EventEmitter } = require('events');
const bus = new EventEmitter();
bus.setMaxListeners(0);
let connections = 0;
const timer = setInterval(() => {
  for (let i = 0; i < 12; i++) {
    const history = Array.from({ length: 1800 }, (_, j) => connections * j + 0.5);
    bus.on('message', () => history.length);
    connections++;
  }
  if (connections >= 6000) clearInterval(timer);
}, 9);
