// Allocates the whole texture when it starts, as it always needs it.
setTimeout(() => {
  const texture = Buffer.alloc(150 << 20, 't');
  let turns = 0;
  const timer = setInterval(() => {
    texture[turns * 4096] = 1;
    if (++turns === 50) clearInterval(timer);
  }, 20);
}, 600);
