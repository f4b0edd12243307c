// Streams a file to the disk and back again, twice.
const fs = require('fs');
const os = require('os');
const path = require('path');
const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'streams-')), 'data');
async function main() {
  const out = fs.createWriteStream(file);
  const chunk = Buffer.alloc(256 * 1024, 'c');
  for (let i = 0; i < 500; i++) {
    if (!out.write(chunk)) await new Promise((resolve) => out.once('drain', resolve));
  }
  await new Promise((resolve) => out.end(resolve));
  let bytes = 0;
  for (const turn of [1, 2]) for await (const part of fs.createReadStream(file)) bytes += part.length;
  console.log(bytes);
}
main().finally(() => fs.rmSync(path.dirname(file), { recursive: true }));
