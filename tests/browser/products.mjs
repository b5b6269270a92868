// products: the Products page in a real browser: concentration, classes, launches, the list, an article.
//
//   node tests/browser/products.mjs [OUT]
import { browserTest, calls, check, defined, fits, open, picture, size, until, value } from './browser.mjs';

const shown = `document.querySelector('[data-page=products] [data-part=definitions]')`;
const ids = () => value(`[...document.querySelectorAll('[data-product]')].map((a) => a.dataset.product).join()`);
const first = (id) => `document.querySelector('[data-product]')?.dataset.product === ${JSON.stringify(id)}`;
const get = async (url, path) => (await fetch(`${url}${path}`)).json();
const wanted = (page) => page.articles.map((one) => one.id).join();

async function listFollowsItsWishes(url) {
  const growing = await get(url, '/v1/products?sort=growth&limit=50');
  await value(`(() => { const s = document.querySelector('.wishes select'); s.value = 'growth'; s.dispatchEvent(new Event('change', { bubbles: true })); })()`);
  check('another order is asked', await until(first(growing.articles[0].id), 'the list is sorted anew'));
  check('it is the API’s', (await ids()) === wanted(growing));
  check('the URL holds it', (await value('location.search')).includes('sorted=growth'));
  await open(`${url}/?page=products&abc=C`);
  await until(shown, 'a class is shown');
  const rest = await get(url, '/v1/products?abc=C&limit=50');
  check('a link brings one class', (await ids()) === wanted(rest));
  const next = await get(url, '/v1/products?abc=C&limit=50&offset=50');
  if (next.articles.length) {
    await value(`document.querySelector('[data-next]').click()`);
    check('the next ones come', await until(first(next.articles[0].id), 'the second part'));
    check('in the API’s order', (await ids()) === wanted(next));
  }
}

async function impactOfAWeek(url, all) {
  const week = (await get(url, `/v1/products/${encodeURIComponent(all.articles[0].id)}/impact?from=${new Date(Date.parse(all.as_of) - 70 * 86_400_000).toISOString().slice(0, 10)}`)).from;
  let told, refused; // an article of each kind, where the shop has one
  for (const { id } of all.articles) {
    const one = await get(url, `/v1/products/${encodeURIComponent(id)}/impact?from=${week}`);
    if (one.refused) refused ??= { id, one };
    else told ??= { id, one };
  }
  for (const [kind, found] of Object.entries({ refused, told })) {
    if (!found) continue;
    await open(`${url}/?page=article&article=${encodeURIComponent(found.id)}`);
    await until(`!!document.querySelector('[data-impact-week]')`, 'weeks to pick from');
    await value(`(() => { const s = document.querySelector('[data-impact-week]'); s.value = '${week}'; s.dispatchEvent(new Event('change', { bubbles: true })); })()`);
    if (kind === 'told') check('the effect is the API’s', await until(`Number(document.querySelector('[data-impact]')?.dataset.impact) === ${found.one.effect.ratio}`, 'an effect'));
    else check('a refusal says why', await until(`document.querySelector('[data-impact-refused]')?.textContent.includes(${JSON.stringify(found.one.refused)})`, 'a refusal'));
  }
}

await browserTest(async (url) => {
  const all = await get(url, '/v1/products?limit=50');
  await size(1360, 900);
  await open(`${url}/?page=products`);
  check('the page opens', await until(shown, 'the page is drawn'));
  check('it takes two requests', calls().length === 2, calls().join(' '));
  await picture('products-light');
  await defined();
  check('the list is the API’s', (await ids()) === wanted(all));
  check('facts are the API’s', (await value(`['articles', 'gini'].map((one) => document.querySelector('[data-fact=' + one + ']').dataset.value).join()`)) === `${all.concentration.articles},${all.concentration.gini}`);
  const cells = await value(`[...document.querySelectorAll('[data-part=matrix] td')].map((td) => td.textContent.trim().replace(/\\D/g, '')).join()`);
  check('the matrix counts every class', cells === all.matrix.map((one) => String(one.articles)).join(), cells);
  check('classes add up to the articles', all.matrix.reduce((sum, one) => sum + one.articles, 0) === all.concentration.articles);
  const terms = await value(`[...document.querySelectorAll('[data-term]')].map((a) => a.getAttribute('href'))`);
  check('every heading leads to a definition', terms.length > 3 && terms.every((to) => all.definitions[to.slice('#def-'.length)]));
  await listFollowsItsWishes(url);
  await size(420, 900);
  await open(`${url}/?page=products&theme=dark`);
  await until(shown, 'it opens on a phone');
  check('nothing is wider than a phone', await fits());
  await picture('products-phone');
  await size(1360, 900);
  const id = all.articles[0].id;
  await open(`${url}/?page=article&article=${encodeURIComponent(id)}`);
  check('an article tells its class', await until(`document.querySelector('[data-product-class="${all.articles[0].abc}${all.articles[0].xyz}"]')`, 'its sales'));
  const { product } = await get(url, `/v1/products/${encodeURIComponent(id)}`);
  check('it tells the list price', (await value(`Number(document.querySelector('[data-list]')?.dataset.list)`)) === product.list);
  await impactOfAWeek(url, all);
  await picture('products-article');
  await defined();
});
