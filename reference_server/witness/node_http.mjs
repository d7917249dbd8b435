// The witness of wirecheck for Node's http module: node node_http.mjs 8080
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'

const LARGEST = 64 * 1024 * 1024
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

// Some statuses require a field.
const REQUIRED = {
  401: { 'WWW-Authenticate': 'Basic realm="witness"' },
  405: { Allow: METHODS.join(', ') },
  426: { Upgrade: 'HTTP/2.0', Connection: 'upgrade' },
}

const inPairs = (raw) => raw.flatMap((name, i) => (i % 2 ? [] : [[name, raw[i + 1]]]))

// How Node understood the request.
function echo(request, content) {
  const body = { length: content.length, sha256: createHash('sha256').update(content).digest('hex') }
  if (content.length <= 65536) body.base64 = content.toString('base64')
  return {
    witness: 1,
    method: request.method,
    target: request.url,
    version: `HTTP/${request.httpVersion}`,
    headers: inPairs(request.rawHeaders),
    trailers: inPairs(request.rawTrailers),
    body,
    remote_ip: request.socket.remoteAddress,
    protocol: request.socket.encrypted ? 'https' : 'http',
  }
}

// An argument of the query, or a part of the path; -1 if it is not a number, or too large.
function number(given, otherwise, most) {
  if (given === null || given === undefined) return otherwise
  return /^\d{1,9}$/.test(given) && Number(given) <= most ? Number(given) : -1
}

function answer(response, status, content, fields = {}) {
  const described = status === 204 || status === 304 ? {} : { 'Content-Length': Buffer.byteLength(content) }
  response.writeHead(status, { ...described, ...fields }).end(described['Content-Length'] ? content : undefined)
}

async function serve(request, response) {
  const origin = request.url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, '') // of the absolute-form
  const [path, ...rest] = origin.split('?')
  const query = new URLSearchParams(rest.join('?'))
  const [root, mount, name, argument] = path.split('/')
  const mounted = root === '' && mount === 'witness'
  if (mounted && name === 'ignore') return answer(response, 200, 'the body was not read\n')

  const pieces = []
  for await (const piece of request) pieces.push(piece)
  const content = Buffer.concat(pieces)

  if (!mounted) {
    const known = METHODS.includes(request.method)
    return answer(response, known ? 200 : 501, known ? 'hello\n' : 'this method is not known here\n')
  }
  if (name === 'echo') {
    const seen = JSON.stringify(echo(request, content))
    return answer(response, 200, seen, { 'Content-Type': 'application/json' })
  }
  if (name === 'status') {
    const status = number(argument, -1, 599)
    return answer(response, status < 200 ? 400 : status, '', REQUIRED[status])
  }
  if (name === 'size') {
    const size = number(argument, -1, LARGEST)
    return size < 0 ? answer(response, 400, 'a size is needed\n') : answer(response, 200, 'x'.repeat(size))
  }
  if (name === 'stream') {
    const parts = number(query.get('parts'), 3, 10000)
    const size = number(query.get('size'), 10, 6000)
    response.writeHead(200)
    for (let part = 0; part < parts; part++) response.write('x'.repeat(Math.max(size, 1)))
    return response.end()
  }
  if (name === 'slow') {
    const wait = number(query.get('ms'), 100, 60000)
    return setTimeout(() => answer(response, 200, 'late\n'), wait)
  }
  if (name === 'static') {
    const validators = { ETag: '"wirecheck-1"', 'Last-Modified': 'Mon, 02 Jan 2023 03:04:05 GMT' }
    return answer(response, 200, 'This text never changes.\n', validators)
  }
  return answer(response, 404, 'no such endpoint\n')
}

createServer((request, response) => {
  serve(request, response).catch(() => response.destroy()) // the client left in the middle of its body
}).listen(Number(process.argv[2]), '127.0.0.1')
