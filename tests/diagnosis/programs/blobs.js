// Blobs outside of the heap of V8 pile up until its collector notices that they are garbage. Where malloc takes
// each from the system, as it is set to here, it gives each back too.
let made = 0;
let last;
const timer = setInterval(() => {
  last = Buffer.alloc(1500 * 1024, made & 255);
  if (++made === 600) {
    clearInterval(timer);
    console.log(last.length);
  }
}, 6);
