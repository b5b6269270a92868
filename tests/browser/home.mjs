// home: the dashboard's first page in a real browser, against a real server over a real bundle.
//
//   node tests/browser/home.mjs [OUT]     OUT: results of atelier run (default: made from the demo)
import { gzipSync } from 'node:zlib';
import { asked, browserTest, calls, check, fits, ofBundle, open, picture, press, send, size, until, value } from './browser.mjs';

async function numbersEqualTheApi(url) {
  const home = await (await fetch(`${url}/v1/home`)).json();
  const evaluation = await (await fetch(`${url}/v1/evaluation`)).json();
  for (const fact of ['customers', 'articles', 'transactions', 'reviews', 'events'])
    check(`the page shows the API's number of ${fact}`,
      (await value(`document.querySelector('[data-fact=${fact}]').dataset.value`)) === String(home.shop[fact]));
  if (!ofBundle)
    check('all six families are evaluated on the demo shop',
      home.families.length === 6 && home.families.every((family) => !family.skipped));
  for (const family of home.families) {
    if (family.skipped || !family.headline) continue;
    check(`${family.name}: the headline is the API's value`,
      (await value(`document.querySelector('[data-headline=${family.name}]').dataset.value`)) ===
        String(family.headline.value));
    const shown = await value(
      `JSON.stringify([...document.querySelectorAll('#${family.name} [data-entry]')].map((e) => [e.dataset.entry, e.dataset.value]))`,
    );
    const of = evaluation[family.name] ?? {};
    const wanted = (of.models ?? [])
      .filter((model) => model.metrics[of.metric]?.value != null)
      .map((model) => [model.name, String(model.metrics[of.metric].value)]);
    check(`${family.name}: every model's figure is the evaluation's`, shown === JSON.stringify(wanted), shown);
  }
}

/** All files that the first page asked for, as one would send them. */
async function theFirstPageIsLight(url) {
  const files = asked().filter((path) => path.startsWith(url) && !path.includes('/v1/'));
  const bytes = await Promise.all(files.map(async (path) => Buffer.from(await (await fetch(path)).arrayBuffer())));
  const size = gzipSync(Buffer.concat(bytes), { level: 9 }).length;
  check('the first page has a chart library', files.some((path) => path.includes('echarts')));
  check('the first page is at most 250 KB', size <= 256000, `${size} bytes: ${files.join(' ')}`);
}

/** Every number leads to what it means. */
async function numbersHaveDefinitions(url) {
  const { definitions } = await (await fetch(`${url}/v1/home`)).json();
  const bare = await value(`[...document.querySelectorAll('dl.facts > div, .headline')].filter((one) => one.querySelector('[data-value]') && !one.querySelector('[data-term]')).length`);
  const missing = await value(`[...document.querySelectorAll('main a[href^="#def-"]')].map((a) => a.getAttribute('href')).filter((to) => !document.getElementById(to.slice(1)))`);
  check('every number of Home leads to its definition', bare === 0 && missing.length === 0 && Object.keys(definitions).length === 11, `${bare} ${missing.join(' ')}`);
}

/** Every card of the feed is the API's, and its evidence gives its number again. */
async function cardsHaveEvidence(url) {
  const all = await (await fetch(`${url}/v1/insights`)).json();
  await until(`document.querySelector('[data-card]')`, 'the cards are shown');
  const shown = await value(`[...document.querySelectorAll('[data-card]')].map((li) => [li.dataset.card, li.querySelector('p').textContent, li.querySelector('[data-evidence]').dataset.evidence].join('|'))`);
  check('the cards are the API’s', JSON.stringify(shown) === JSON.stringify(all.cards.map((one) => [one.id, one.sentence, one.evidence.value].join('|'))));
  check('at most eight, each of its own', all.cards.length > 0 && all.cards.length <= 8 && new Set(all.cards.map((one) => one.id)).size === all.cards.length);
  if (!ofBundle) check('the demo shop has cards of five pages or more', new Set(all.cards.map((one) => one.page)).size >= 5);
  for (const one of all.cards) {
    let found = await (await fetch(`${url}${one.evidence.call}`)).json();
    for (const step of one.evidence.at.split('/').slice(1)) found = found?.[step];
    check(`${one.id}: the evidence gives its number again`, found === one.evidence.value, `${found} ${one.evidence.value}`);
    check(`${one.id}: sureness is a share or counted`, one.confidence === null || (one.confidence >= 0.8 && one.confidence <= 1));
  }
}

async function keyboardReaches() {
  await value(`document.body.focus(), document.activeElement.blur()`);
  const reached = new Set();
  for (let i = 0; i < 140; i++) {
    await press('Tab');
    reached.add(await value(`(() => { const e = document.activeElement;
      return e.closest('nav') ? 'rail' : e.id === 'customer' ? 'look-up' :
        e.getAttribute('role') === 'img' ? 'chart' : e.tagName })()`));
  }
  for (const place of ['rail', 'look-up', 'chart'])
    check(`the keyboard reaches the ${place}`, reached.has(place), [...reached].join(' '));
  await value(`document.querySelector('[role=img][tabindex]').focus()`);
  await press('ArrowRight');
  await until(`[...document.querySelectorAll('[aria-live]')].some((e) => e.textContent.includes(':'))`,
    'arrow keys read a chart aloud');
  check('arrow keys read a chart aloud',
    await value(`[...document.querySelectorAll('[aria-live]')].some((e) => e.textContent.includes(':'))`));
}

async function lookUp(url) {
  const known = await (await fetch(`${url}/v1/recommendations/users/nobody-of-that-name`)).json();
  await value(`document.querySelector('#customer').focus()`);
  await send('Input.insertText', { text: 'nobody-of-that-name' });
  await press('Enter');
  await until(`document.querySelector('[data-list]')`, 'the look-up answers');
  const shown = await value(`document.querySelectorAll('[data-list] tbody tr').length`);
  check('an unknown customer gets the cold-start list of the API', shown === known.items.length,
    `${shown} of ${known.items.length}`);
  check('the URL holds the customer', (await value('location.search')).includes('customer=nobody'));
}

async function stateSurvives(url) {
  await open(`${url}/?family=forecast&view=table&theme=dark`);
  await send('Page.reload');
  await until(`document.querySelector('main')?.dataset.ready === 'yes'`, 'opens again');
  check('the URL chooses the family', (await value(`document.querySelectorAll('article').length`)) === 1);
  check('the URL chooses dark', (await value(`document.documentElement.dataset.theme`)) === 'dark');
  check('the URL chooses tables', (await value(`document.querySelectorAll('canvas').length`)) === 0);
}

await browserTest(async (url) => {
  await size(1360, 900);
  check('the page opens', await open(`${url}/`));
  await until(`document.querySelectorAll('[data-card] canvas').length > 0`, 'cards have charts');
  await until(`document.querySelectorAll('canvas').length > 0`, 'charts are drawn');
  check('one request brings the page', calls().join() === `${url}/v1/page`, calls().join(' '));
  await picture('home-light');
  await theFirstPageIsLight(url);
  await numbersEqualTheApi(url);
  await cardsHaveEvidence(url);
  await numbersHaveDefinitions(url);
  await keyboardReaches();
  await lookUp(url);
  await stateSurvives(url);
  await open(`${url}/?theme=dark`);
  await until(`document.querySelectorAll('canvas').length > 0`, 'charts are drawn in the dark');
  await picture('home-dark');
  await size(400, 900);
  await open(`${url}/`);
  check('a phone does not scroll sideways',
    await fits());
  await picture('home-narrow');
});
