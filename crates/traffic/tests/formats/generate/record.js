// Records the three exchanges with nock, Polly.js, Playwright and WireMock, runs Newman, and writes a Postman collection and a Pact file with the
// vendors' libraries. `record.js FORM OUT [TOOL]`; needs the server at $ORDERS_URL, by default http://orders.example, Chromium for Playwright, and
// Java for WireMock.
//
// npm install nock@13 newman postman-collection @pact-foundation/pact @pollyjs/core @pollyjs/adapter-node-http @pollyjs/persister-fs \
//     playwright-core wiremock
const fs = require('fs');
const path = require('path');
const http = require('http');

const [form, out, only] = process.argv.slice(2);
const HOST = process.env.ORDERS_URL || 'http://orders.example';
const REQUESTS = [
  ['GET', '/orders/order_1'],
  ['POST', '/orders', { item: 'book', quantity: 2 }],
  ['GET', '/orders/order_9'],
];

function target(...parts) {
  const name = path.join(out, ...parts);
  fs.mkdirSync(path.dirname(name), { recursive: true });
  return name;
}

function send([method, url, body], base = HOST) {
  return new Promise((resolve, reject) => {
    const headers = body ? { 'content-type': 'application/json' } : {};
    if (form.endsWith('gzip')) headers['accept-encoding'] = 'gzip';
    const request = http.request(base + url, { method, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ response, text: Buffer.concat(chunks).toString() }));
    });
    request.on('error', reject);
    request.end(body && JSON.stringify(body));
  });
}

async function all(base) {
  const results = [];
  for (const request of REQUESTS) results.push(await send(request, base));
  return results;
}

async function nock() {
  const nock = require('nock');
  nock.recorder.rec({ dont_print: true, output_objects: true, enable_reqheaders_recording: true });
  await all();
  const recorded = nock.recorder.play();
  nock.restore();
  nock.recorder.clear();
  fs.writeFileSync(target('nock', `${form}.json`), JSON.stringify(recorded, null, 2) + '\n');
}

async function postman() {
  const sdk = require('postman-collection');
  const results = await all();
  const items = REQUESTS.map(([method, url, body], index) => {
    const { response, text } = results[index];
    const request = { method, url: HOST + url, header: body ? [{ key: 'Content-Type', value: 'application/json' }] : [] };
    if (body) request.body = { mode: 'raw', raw: JSON.stringify(body) };
    const header = Object.entries(response.headers).map(([key, value]) => ({ key, value }));
    return { name: `${method} ${url}`, request, response: [{ name: 'saved', originalRequest: request, code: response.statusCode, status: response.statusMessage, header, body: text }] };
  });
  const collection = new sdk.Collection({ info: { name: 'orders' }, item: [{ name: 'orders', item: items }] }).toJSON();
  collection.info.schema = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json';
  fs.writeFileSync(target('postman', `${form}.json`), JSON.stringify(collection, null, 2) + '\n');
  const newman = require('newman');
  await new Promise((resolve, reject) =>
    newman.run({ collection, reporters: ['json'], reporter: { json: { export: target('newman', `${form}.json`) } } }, (error) => (error ? reject(error) : resolve()))
  );
}

async function pact() {
  const { PactV3, PactV4, Pact, SpecificationVersion } = require('@pact-foundation/pact');
  const results = await all();
  const json = (text) => JSON.parse(text);
  for (const [version, spec] of [[2, SpecificationVersion.SPECIFICATION_VERSION_V2], [3, SpecificationVersion.SPECIFICATION_VERSION_V3]]) {
    const dir = path.dirname(target('pact', `v${version}`, 'x'));
    const provider = new PactV3({ consumer: 'shop', provider: 'orders', dir, spec, logLevel: 'error' });
    REQUESTS.forEach(([method, url, body], index) => {
      const { response, text } = results[index];
      const request = { method, path: url };
      if (body) Object.assign(request, { body, headers: { 'Content-Type': 'application/json' } });
      provider.given(`request ${index + 1}`).uponReceiving(`request ${index + 1}`).withRequest(request).willRespondWith({ status: response.statusCode, headers: { 'Content-Type': 'application/json' }, body: json(text) });
    });
    await provider.executeTest((server) => all(server.url));
    fs.renameSync(path.join(dir, 'shop-orders.json'), path.join(dir, `${form}.json`));
  }
  const dir = path.dirname(target('pact', 'v4', 'x'));
  for (let index = 0; index < REQUESTS.length; index++) {
    const [method, url, body] = REQUESTS[index];
    const { response, text } = results[index];
    const provider = new PactV4({ consumer: 'shop', provider: 'orders', dir, logLevel: 'error' });
    await provider
      .addInteraction()
      .given(`request ${index + 1}`)
      .uponReceiving(`request ${index + 1}`)
      .withRequest(method, url, (builder) => body && builder.jsonBody(body))
      .willRespondWith(response.statusCode, (builder) => builder.jsonBody(json(text)))
      .executeTest((server) => send(REQUESTS[index], server.url));
  }
  fs.renameSync(path.join(dir, 'shop-orders.json'), path.join(dir, `${form}.json`));
}

async function polly() {
  const { Polly } = require('@pollyjs/core');
  Polly.register(require('@pollyjs/adapter-node-http'));
  Polly.register(require('@pollyjs/persister-fs'));
  const recordingsDir = fs.mkdtempSync(path.join(require('os').tmpdir(), 'polly-'));
  const polly = new Polly('orders', { adapters: ['node-http'], persister: 'fs', persisterOptions: { fs: { recordingsDir } }, mode: 'record', recordFailedRequests: true });
  await all();
  await polly.stop();
  const folder = fs.readdirSync(recordingsDir)[0];
  fs.copyFileSync(path.join(recordingsDir, folder, 'recording.har'), target('polly', `${form}.har`));
}

async function playwright() {
  const { chromium } = require('playwright-core');
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox'] });
  for (const content of ['embed', 'attach']) {
    const folder = content === 'embed' ? ['playwright'] : ['playwright', `attached-${form}`];
    const context = await browser.newContext({ recordHar: { path: target(...folder, `${form}.har`), mode: 'full', content } });
    const page = await context.newPage();
    await page.goto(HOST + REQUESTS[0][1]);
    for (const [method, url, body] of REQUESTS.slice(1)) {
      await page.evaluate(
        async ([method, url, body]) => {
          const headers = body ? { 'content-type': 'application/json' } : {};
          await (await fetch(url, { method, headers, body: body && JSON.stringify(body) })).text();
        },
        [method, url, body]
      );
    }
    await context.close();
  }
  await browser.close();
}

async function wiremock() {
  const { spawn } = require('child_process');
  const jars = path.join(path.dirname(require.resolve('wiremock/package.json')), 'build');
  const jar = path.join(jars, fs.readdirSync(jars).find((name) => name.endsWith('.jar')));
  const folder = path.dirname(target('wiremock', `folder-${form}`, 'x'));
  // The folder is empty and has the mappings and the files of the bodies after the run.
  const options = ['--proxy-all', HOST, '--record-mappings', '--root-dir', folder];
  const server = spawn('java', ['-jar', jar, '--port', '0', '--disable-banner', ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise((resolve, reject) => {
    let output = '';
    server.stdout.on('data', (chunk) => {
      output += chunk;
      const found = /port:?\s+(\d+)/.exec(output);
      if (found) resolve(found[1]);
    });
    server.on('exit', () => reject(new Error(`WireMock ended: ${output}`)));
  });
  const base = `http://127.0.0.1:${port}`;
  const admin = async (method, url, body) => {
    const response = await fetch(base + url, { method, headers: { 'content-type': 'application/json' }, body: body && JSON.stringify(body) });
    return response.text();
  };
  await all(base);
  fs.writeFileSync(target('wiremock', `journal-${form}.json`), await admin('GET', '/__admin/requests'));
  await admin('POST', '/__admin/recordings/start', { targetBaseUrl: HOST, persist: false });
  await all(base);
  fs.writeFileSync(target('wiremock', `mappings-${form}.json`), await admin('POST', '/__admin/recordings/stop'));
  server.removeAllListeners('exit');
  server.kill();
}

(async () => {
  // The libraries of Postman and Pact write what they are given, so the forms with a content coding are no different there.
  const tools = form.endsWith('gzip') ? [polly, playwright, wiremock, nock] : [postman, pact, polly, playwright, wiremock, nock];
  for (const tool of tools.filter((tool) => !only || tool.name === only)) {
    // On a busy machine, a mock server may not have noted a request when it is verified.
    for (let attempt = 1; ; attempt++) {
      try {
        await tool();
        break;
      } catch (error) {
        console.error(tool.name, error);
        if (attempt === 3) {
          process.exitCode = 1;
          break;
        }
      }
    }
  }
  process.exit();
})();
