// weekly: the week as one page in a real browser: wide, on a phone, on paper; its figures are the API's.
//
//   node tests/browser/weekly.mjs [OUT]
import { browserTest, check, fits, open, picture, send, size, until, value } from './browser.mjs';

async function visit(url) {
  await send('Page.navigate', { url });
  return until(`document.readyState === 'complete' && document.querySelector('h1')?.textContent.startsWith('The week to')`, `opens ${url}`);
}
const overflowing = `[...document.querySelectorAll('table, svg, p, h3')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).length`;

await browserTest(async (url) => {
  const reply = await fetch(`${url}/v1/weekly`);
  const html = await reply.text();
  check('it is a page', reply.headers.get('content-type') === 'text/html; charset=utf-8');
  check('at most 300 KB', html.length > 5000 && Buffer.byteLength(html) <= 300 * 1024, `${html.length}`);
  const refers = [...html.matchAll(/(?:href|src)="([^"]*)"|url\(([^)]*)\)|(https?:)/g)].map((found) => found[1] ?? found[2] ?? found[3]);
  check('it refers to nothing but its own sections', refers.length > 0 && refers.every((to) => to.startsWith('#') || to === 'data:,'), refers.join(' '));
  await size(1200, 900);
  await open(`${url}/`);
  await until(`document.querySelector('a[href="/v1/weekly"]')`, 'Home links to it');
  check('Home links to it', await value(`!!document.querySelector('a[href="/v1/weekly"]')`));
  check('the page opens', await visit(`${url}/v1/weekly`));
  const all = await (await fetch(`${url}/v1/insights`)).json();
  const heads = await value(`[...document.querySelectorAll('h3')].map((h) => h.textContent)`);
  check('its cards are the feed’s', all.cards.every((one, i) => heads.includes(`${i + 1}. ${one.sentence}`)));
  check('every card has its chart', (await value(`document.querySelectorAll('svg').length`)) === all.cards.length + 1);
  await picture('weekly-light');
  await size(400, 900);
  await visit(`${url}/v1/weekly`);
  check('a phone does not scroll sideways', await fits());
  await picture('weekly-phone');
  await size(720, 1000); // A4 at 96 dots an inch, less its margins
  await send('Emulation.setEmulatedMedia', { media: 'print' });
  await visit(`${url}/v1/weekly`);
  check('on paper nothing is cut off', (await value(overflowing)) === 0, String(await value(overflowing)));
  await picture('weekly-paper');
});
