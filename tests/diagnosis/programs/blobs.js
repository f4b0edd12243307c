// Blobs outside of the heap of V8 pile up until its collector notices that they are garbage.
let made = 0;
let last;
const timer = setInterval(() => {
  last = Buffer.alloc(1500 * 1024, made & 255);
  if (++made === 600) {
    clearInterval(timer);
    console.log(last.length);
  }
}, 6);
