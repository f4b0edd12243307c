// Loads its data in the first second, and then answers requests from it.
const data = [];
let turns = 0;
const timer = setInterval(() => {
  if (data.length < 600) {
    for (let i = 0; i < 6; i++) data.push('entry '.repeat(10) + data.length + Array(8000).fill(data.length).join(','));
  } else {
    JSON.parse(JSON.stringify(data[turns % 600]));
  }
  if (++turns === 420) clearInterval(timer);
}, 10);
