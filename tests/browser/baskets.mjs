// baskets: the Baskets page in a real browser: pairs, the matrix of types, what stands beside an article.
//
//   node tests/browser/baskets.mjs [OUT]
import { browserTest, calls, check, defined, fits, open, picture, size, until, value } from './browser.mjs';

const text = (what) => value(`document.querySelector(${JSON.stringify(what)})?.textContent ?? ''`);
const shown = `document.querySelector('[data-page=baskets] [data-part=definitions]')`;
const beside = (id) => `document.querySelector('[data-beside=${JSON.stringify(id)}]')`;

async function numbersEqualTheApi(all) {
  check('orders and pairs are the API’s', (await value(`['baskets', 'pairs'].map((one) => document.querySelector('[data-fact=' + one + ']').dataset.value).join()`)) === `${all.baskets},${all.pairs}`);
  const rows = await value(`[...document.querySelectorAll('[data-part=articles] tbody tr')].map((row) => [[...row.querySelectorAll('[data-pair]')].map((b) => b.dataset.pair), [...row.querySelectorAll('td[data-value]')].map((td) => td.dataset.value)].flat().join())`);
  const wanted = all.articles.slice(0, 40).map((one) => [one.id, one.other, one.n, one.expected, one.support, one.lift, one.shrunk, one.low, one.npmi, one.g2].join());
  check('pairs stand in the API’s order with its measures', rows.length > 0 && JSON.stringify(rows) === JSON.stringify(wanted));
  const cells = await value(`[...document.querySelectorAll('[data-part=types] td[data-value]')].map((td) => Number(td.dataset.value))`);
  const sure = new Set(all.types.filter((one) => one.low > 1).map((one) => Math.log2(one.shrunk)));
  check('coloured cells of the matrix are sure pairs', cells.length > 0 && cells.every((one) => sure.has(one)), `${cells.length}`);
  const low = all.articles.map((one) => one.low);
  check('the surest stand first', low.every((one, i) => i === 0 || one <= low[i - 1]));
}

async function noColourIsAPair(url, all) {
  let mixed = 0;
  for (const one of all.articles.slice(0, 25)) {
    const page = await (await fetch(`${url}/v1/articles/${encodeURIComponent(one.id)}`)).json();
    if (page.variants.some((variant) => variant.id === one.other)) mixed++;
  }
  check('no pair is two colours of a product', mixed === 0, `${mixed}`);
}

async function anArticleIsAsked(url, all) {
  const id = all.articles[0].other;
  await value(`document.querySelectorAll('[data-part=articles] tbody tr')[0].querySelectorAll('[data-pair]')[1].click()`);
  check('an article of the table is asked', await until(beside(id), 'the other article is shown'));
  check('the URL holds it', (await value('location.search')).includes(`article=${id}`));
  const one = await (await fetch(`${url}/v1/baskets?article=${id}`)).json();
  const items = await value(`[...document.querySelectorAll('[data-beside-item]')].map((li) => [li.dataset.besideItem, li.dataset.value].join())`);
  check('what stands beside it is the API’s', items.length > 0 && JSON.stringify(items) === JSON.stringify(one.items.map((item) => `${item.id},${item.low}`)));
}

await browserTest(async (url) => {
  const all = await (await fetch(`${url}/v1/baskets`)).json();
  await size(1360, 900);
  await open(`${url}/?page=baskets`);
  check('the page opens', await until(shown, 'the page is drawn'));
  check('beside the first pair something stands', await until(beside(all.articles[0].id), 'its first article'));
  check('one request brings the page, one what stands beside', calls().length === 2 && calls()[0].endsWith('/v1/page'), calls().join(' '));
  await picture('baskets-light');
  await defined();
  await numbersEqualTheApi(all);
  await noColourIsAPair(url, all);
  const terms = await value(`[...document.querySelectorAll('[data-term]')].map((a) => a.getAttribute('href'))`);
  check('every heading leads to a definition', terms.length > 8 && terms.every((to) => all.definitions[to.slice('#def-'.length)]));
  await open(`${url}/?page=baskets&view=table`);
  await until(shown, 'tables too');
  check('the matrix has its table', (await text('[data-part=types]')).includes('Expected'));
  await size(420, 900);
  await open(`${url}/?page=baskets&theme=dark`);
  await until(shown, 'it opens on a phone');
  await until(beside(all.articles[0].id), 'with an article');
  check('nothing is wider than a phone', await fits());
  await picture('baskets-phone');
  await size(1360, 900);
  await open(`${url}/?page=baskets`);
  await until(shown, 'once more');
  await anArticleIsAsked(url, all);
});
