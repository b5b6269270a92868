// trends: the Trends page in a real browser: boards, revenue's parts, categories, attributes, odd days.
//
//   node tests/browser/trends.mjs [OUT]
import { browserTest, calls, check, defined, fits, open, picture, press, send, size, until, value } from './browser.mjs';

const count = (what) => value(`document.querySelectorAll(${JSON.stringify(what)}).length`);
const text = (what) => value(`document.querySelector(${JSON.stringify(what)})?.textContent ?? ''`);
const shown = `document.querySelector('[data-page=trends] [data-part=definitions]')`;

async function boardsEqualTheApi(all) {
  for (const side of ['rising', 'declining']) {
    const rows = await value(`[...document.querySelectorAll('[data-part=${side}] [data-mover]')].map((row) =>
      [row.dataset.mover, row.querySelector('[data-value]').dataset.value])`);
    const wanted = all[side].slice(0, 12).map((one) => [one.id, String(one.growth)]);
    check(`${side}: the API's articles in its order, with its growth`, JSON.stringify(rows) === JSON.stringify(wanted));
    if (all[side].length === 0)
      check(`${side}: a sentence stands where nothing is`, (await text(`[data-part=${side}]`)).includes('Nothing is sure'));
    const because = all[side].find((one) => one.reasons?.length);
    if (because) check(`${side}: says the first reason`, (await text(`[data-part=${side}]`)).includes(because.reasons[0].text));
  }
  const stages = await value(`[...document.querySelectorAll('[data-stage]')].reduce((s, e) => s + Number(e.dataset.value), 0)`);
  check('every article judged has a stage', stages === all.articles_judged, `${stages} of ${all.articles_judged}`);
}

async function partsAddUp(all) {
  const of = (step) => `Number(document.querySelector('[data-part=revenue] [data-step="${step}"]').dataset.value)`;
  const sum = await value(`${of('before')} + ${of('price')} + ${of('volume')} + ${of('mix')} - ${of('now')}`);
  check('price, volume and mix lead from before to now, to the cent', Math.abs(sum) < 0.005, String(sum));
  const rows = await value(`[...document.querySelectorAll('[data-part=categories] > .scroll tbody tr')].map((row) =>
    [...row.querySelectorAll('[data-value]')].map((cell) => Number(cell.dataset.value)))`);
  const now = rows.reduce((s, row) => s + row[1], 0);
  check('the categories add up to the shop', Math.abs(now - all.revenue.previous.all.revenue) < 0.005, String(now));
  check('each category is on the map', (await count('[data-part=categories] circle[data-category]')) ===
    all.revenue.previous.categories.filter((one) => one.revenue > 0 && all.categories.some((c) => c.id === one.category && c.growth > 0)).length);
}

async function keyboardReads() {
  await value(`document.querySelector('[data-part=revenue] .frame').focus()`);
  await press('ArrowRight');
  await press('ArrowRight');
  check('arrows read the waterfall', (await text('[data-part=revenue] .said')).startsWith('price:'));
  await value(`document.querySelector('[data-part=categories] .frame').focus()`);
  await press('ArrowRight');
  check('arrows read the map', (await text('[data-part=categories] .said')).includes('of revenue'));
}

async function numbersHaveDefinitions(all) {
  const terms = await value(`[...document.querySelectorAll('[data-term]')].map((a) => a.getAttribute('href'))`);
  const missing = terms.filter((to) => !all.definitions[to.slice('#def-'.length)]);
  check('every heading leads to a definition', terms.length > 10 && missing.length === 0, missing.join(' '));
  check('and the definitions are there', (await count('[data-part=definitions] dt')) === Object.keys(all.definitions).length);
}

await browserTest(async (url) => {
  await size(1360, 900);
  await open(`${url}/?page=trends`);
  check('the page opens', await until(shown, 'the page is drawn'));
  await until(`document.querySelector('[data-part=spread] canvas')`, 'the scatter is drawn');
  check('one request brings the page', calls().length === 1 && calls()[0].endsWith('/v1/page'), calls().join(' '));
  const all = await (await fetch(`${url}/v1/trends?part=page`)).json();
  await picture('trends-light');
  await defined();
  await boardsEqualTheApi(all);
  await partsAddUp(all);
  await keyboardReads();
  await numbersHaveDefinitions(all);
  check('every attribute is a chart', (await count('[data-attribute]')) === all.attributes.length);
  if (all.revenue.year) {
    await value(`[...document.querySelectorAll('.choice button')].at(-1).click()`);
    await until(`Number(document.querySelector('[data-step=before]').dataset.value) === ${all.revenue.year.all.before}`, 'last year can be compared');
    check('the URL holds it', (await value('location.search')).includes('against=year'));
  }
  await open(`${url}/?page=trends&view=table`);
  await until(shown, 'tables too');
  check('each picture has its table', (await count('[data-page=trends] svg[viewBox="0 0 620 220"]')) === 0 && (await count('table')) >= 8);
  await send('Emulation.setEmulatedMedia', { features: [] });
  await size(420, 900);
  await open(`${url}/?page=trends&theme=dark`);
  await until(shown, 'it opens on a phone');
  check('nothing is wider than a phone', await fits());
  await picture('trends-phone');
});
