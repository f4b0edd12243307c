// Serves the built book to this machine, as a host of pages would.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { gzipSync } from 'node:zlib';

const TYPES = { '.css': 'text/css', '.html': 'text/html', '.js': 'text/javascript', '.svg': 'image/svg+xml' };

/** Starts the server; zipped, its texts are sent as hosts send them. */
export async function serve(site, { zipped = false } = {}) {
  const server = createServer(async (request, response) => {
    const path = join(site, normalize(decodeURIComponent(new URL(request.url, 'http://site').pathname)));
    const found = await readFile(path).catch(() => null);
    // Every host has its own page for a wrong address.
    const body = found ?? (await readFile(join(site, '404.html')));
    const type = TYPES[extname(found ? path : '.html')];
    const headers = { 'Content-Type': type ?? 'text/plain', ...(zipped && type && { 'Content-Encoding': 'gzip' }) };
    response.writeHead(found ? 200 : 404, headers);
    response.end(zipped && type ? gzipSync(body) : body);
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return { address: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}
