// Large buffers that die young, collected now and then.
let rounds = 0;
const timer = setInterval(() => {
  const buffers = [];
  for (let i = 0; i < 8; i++) buffers.push(Buffer.alloc(4 << 20, i));
  if (++rounds === 60) clearInterval(timer);
}, 20);
