// browser: a real Chromium over DevTools' pipe, and a real server over a real bundle, for the tests.
//
//   import { check, browserTest, page, ... } from './browser.mjs'
//   await browserTest(async (url) => { await open(`${url}/`); check('the page opens', true) })
//
// Needs nothing but Node 18. One line a check and a closing line 'N passed, N failed, N skipped'.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const atelier = process.env.ATELIER ?? 'build/release/atelier';
const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path));
let passed = 0;
let failed = 0;

function end(skipped = 0) {
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = failed ? 1 : 0;
}
export function check(what, truth, detail = '') {
  if (truth) passed++;
  else failed++;
  console.log(`${truth ? 'passed ' : 'FAILED '} ${what}${truth || !detail ? '' : `: ${detail}`}`);
}

/** A shop small enough for a test, run through all ten steps once. */
function bundle() {
  if (process.argv[2]) return process.argv[2];
  const shop = 'build/tests-tmp/browser-shop';
  const out = 'build/tests-tmp/browser-out';
  mkdirSync('build/tests-tmp', { recursive: true });
  for (const words of [
    ['demo', shop, '--size', 'small', '--seed', '1', '--force'],
    ['run', shop, '--out', out],
  ]) {
    const run = spawnSync(atelier, words, { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`atelier ${words.join(' ')}: ${run.stderr}`);
  }
  return out;
}

/** Starts the server on a free port and waits for its address. */
function serve(out) {
  const child = spawn(atelier, ['serve', out, '--port', '0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  return new Promise((resolve, reject) => {
    let said = '';
    const listen = (bytes) => {
      said += bytes;
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said);
      if (url) resolve({ child, url: url[0] });
    };
    child.stderr.on('data', listen);
    child.stdout.on('data', listen);
    child.on('exit', (code) => reject(new Error(`serve ended with ${code}: ${said}`)));
    setTimeout(() => reject(new Error(`serve said no address in 30 s: ${said}`)), 30_000).unref();
  });
}

/** A browser with one page; send() speaks the protocol, on() listens. */
async function browse() {
  const profile = mkdtempSync(join(tmpdir(), 'atelier-browser-'));
  const child = spawn(
    chromium,
    ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
      '--disable-dev-shm-usage', `--user-data-dir=${profile}`, '--remote-debugging-pipe', 'about:blank'],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
  );
  const waiting = new Map();
  const listeners = [];
  let last = 0;
  let rest = '';
  child.stdio[4].setEncoding('utf8');
  child.stdio[4].on('data', (text) => {
    const parts = (rest + text).split('\0');
    rest = parts.pop();
    for (const part of parts) {
      const message = JSON.parse(part);
      const wait = waiting.get(message.id);
      if (wait) {
        waiting.delete(message.id);
        if (message.error) wait.reject(new Error(message.error.message));
        else wait.resolve(message.result);
      } else listeners.forEach((listener) => listener(message));
    }
  });
  let session;
  const send = (method, params = {}) =>
    new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject });
      child.stdio[3].write(`${JSON.stringify({ id: last, method, params, sessionId: session })}\0`);
      setTimeout(() => reject(new Error(`${method} did not answer in 30 s`)), 30_000).unref();
    });
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  session = (await send('Target.attachToTarget', { targetId, flatten: true })).sessionId;
  for (const domain of ['Page', 'Runtime', 'Network', 'Log']) await send(`${domain}.enable`);
  const gone = new Promise((resolve) => child.on('exit', resolve));
  const close = async () => {
    session = undefined; // the browser itself is asked, not the page
    await send('Browser.close').catch(() => child.kill());
    await gone;
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  };
  return { send, on: (listener) => listeners.push(listener), close };
}

const page = {};
const requests = []; // of all pages, in their order
export const asked = () => [...new Set(requests)];
export const calls = () => requests.filter((to) => to.includes('/v1/')); // of the API, each time
export const ofBundle = Boolean(process.argv[2]); // of results that were given, not of the demo shop

/** The value of an expression in the page; promises are awaited. */
export async function value(expression) {
  const answer = await page.send('Runtime.evaluate', {
    expression, returnByValue: true, awaitPromise: true,
  });
  if (answer.exceptionDetails) throw new Error(answer.exceptionDetails.exception?.description);
  return answer.result.value;
}
export async function until(expression, what) {
  for (let i = 0; i < 200; i++) {
    if (await value(expression)) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  check(what, false, 'not within 10 s');
  return false;
}
export async function open(url) {
  await page.send('Page.navigate', { url });
  return until(`document.querySelector('main')?.dataset.ready === 'yes'`, `opens ${url}`);
}
let wide = 0;
export async function size(width, height) {
  wide = width;
  await page.send('Emulation.setDeviceMetricsOverride', {
    width, height, deviceScaleFactor: 1, mobile: width < 600,
  });
}
/** Nothing reaches beyond the width that was set; a phone's innerWidth grows with what it holds. */
export async function fits() {
  return (await value('document.documentElement.scrollWidth')) <= wide;
}
/** Numbers lead to what they mean, which stands on the page. */
export async function defined() {
  const led = await value(`(() => { const all = [...document.querySelectorAll('a[href^="#def-"]')];
    return [all.length, all.filter((a) => !document.getElementById(a.getAttribute('href').slice(1))).map((a) => a.getAttribute('href'))]; })()`);
  check('numbers lead to their definitions', led[0] > 0 && led[1].length === 0, `${led[0]}, astray ${led[1]}`);
}

/** The whole page, as high as its content. */
export async function picture(name) {
  const clip = await value(`(() => { const box = document.querySelector('main').lastElementChild
    .getBoundingClientRect(); return { x: 0, y: 0, width: innerWidth, height: box.bottom + scrollY + 24, scale: 1 } })()`);
  const { data } = await page.send('Page.captureScreenshot', { captureBeyondViewport: true, clip });
  mkdirSync('build/screenshots', { recursive: true });
  writeFileSync(`build/screenshots/${name}.png`, Buffer.from(data, 'base64'));
}
export async function press(key, code = key) {
  for (const type of ['keyDown', 'keyUp'])
    await page.send('Input.dispatchKeyEvent', {
      type, key, code, windowsVirtualKeyCode: { Tab: 9, Enter: 13, ArrowRight: 39 }[key] ?? 0,
      text: type === 'keyDown' && key === 'Enter' ? '\r' : undefined,
    });
}

export const send = (method, params) => page.send(method, params);

/** Runs a test of pages against a server of its own, then holds what every page must keep. */
async function run(test) {
  const out = bundle();
  const { child, url } = await serve(out);
  Object.assign(page, await browse());
  const errors = [];
  page.on(({ method, params }) => {
    if (method === 'Runtime.exceptionThrown') errors.push(params.exceptionDetails.text);
    if (method === 'Runtime.consoleAPICalled' && params.type === 'error') errors.push(params.args[0]?.value);
    if (method === 'Log.entryAdded' && params.entry.level === 'error') errors.push(params.entry.text);
    if (method === 'Network.requestWillBeSent') requests.push(params.request.url);
  });
  try {
    await test(url);
    check('no console error', errors.length === 0, errors.join(' | '));
    const foreign = requests.filter((to) => !to.startsWith(url) && !/^(data|blob|about):/.test(to));
    check('no request leaves this machine', foreign.length === 0, foreign.join(' '));
  } finally {
    await page.close();
    const gone = new Promise((resolve) => child.on('exit', resolve));
    child.kill('SIGTERM');
    check('the server ends with status 0 on SIGTERM', (await gone) === 0);
  }
}

export async function browserTest(test) {
  if (!chromium) {
    console.log('skipped browser: chromium is not installed');
    end(1);
    return;
  }
  await run(test).catch((cause) => check('the browser test runs', false, cause.stack));
  end();
}
