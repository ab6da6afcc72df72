// A turn counter with Node's own http module: one process, counters in a Map, the answer of the
// contract.  node node_server.mjs PORT
import { createServer } from "node:http";

const PREFIX = "/turno/";
const BACKLOG = 4096; // the default (511) is less than the connections that arrive at once
const turns = new Map();

function answer(request, response) {
  const { url, method } = request;
  if (!url.startsWith(PREFIX) || (method !== "GET" && method !== "POST")) {
    response.writeHead(404).end();
    return;
  }
  const id = url.slice(PREFIX.length);
  const turn = (turns.get(id) ?? 0) + 1;
  turns.set(id, turn);
  const body = `{"id":"${id}","turno":${turn}}`;
  response.writeHead(200, {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    "Content-Length": body.length,
  });
  response.end(body);
}

const server = createServer(answer);
server.keepAliveTimeout = 300_000;
server.listen({ host: "127.0.0.1", port: Number(process.argv[2]), backlog: BACKLOG });
