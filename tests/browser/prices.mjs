// prices: the Prices page in a real browser: categories, checks, articles and the markdown planner.
//
//   node tests/browser/prices.mjs [OUT]
import { asked, browserTest, calls, check, defined, fits, open, picture, press, send, size, until, value } from './browser.mjs';

const count = (what) => value(`document.querySelectorAll(${JSON.stringify(what)}).length`);
const text = (what) => value(`document.querySelector(${JSON.stringify(what)})?.textContent ?? ''`);
const shown = `document.querySelector('[data-page=prices] [data-part=definitions]')`;
const planned = `document.querySelector('[data-part=planner] [data-plan]')`;

async function numbersEqualTheApi(all) {
  check('the shop’s elasticity is the API’s', (await value(`document.querySelector('[data-fact=elasticity]').dataset.value`)) === String(all.all.elasticity));
  const hills = await value(`[...document.querySelectorAll('[data-ridge]')].map((g) => [g.dataset.ridge, g.dataset.value])`);
  const wanted = all.categories.filter((one) => one.elasticity !== null).map((one) => [one.category, String(one.elasticity)]);
  check('every category has its hill', hills.length > 0 && JSON.stringify(hills) === JSON.stringify(wanted));
  const rows = await value(`[...document.querySelectorAll('[data-part=articles] tbody tr')].map((row) => [row.querySelector('[data-article]').dataset.article, row.querySelector('td[data-value]').dataset.value])`);
  check('articles in the API’s order, with its elasticities', JSON.stringify(rows) === JSON.stringify(all.articles.slice(0, 60).map((one) => [one.id, String(one.elasticity)])));
  for (const one of all.checks)
    check(`${one.way} is shown`, (await value(`[...document.querySelectorAll('[data-part=trust] td[data-value]')].some((cell) => cell.dataset.value === ${JSON.stringify(String(one.elasticity))})`)));
  check('the sentence follows the checks', (await text('[data-trust]')).startsWith(all.prices_follow_demand ? 'Next week’s price explains this' : all.ways_disagree ? 'Double ML and' : 'Next week’s price explains nothing'));
}

async function plannerAnswers(url) {
  const before = await value(`Number(document.querySelector('[data-plan-value=money]').dataset.value)`);
  const query = new URL(asked().filter((to) => to.includes('/v1/prices/plan')).at(-1), url).search;
  const plan = await (await fetch(`${url}/v1/prices/plan${query}`)).json();
  check('the plan is the API’s', before === plan.money, `${before} ${plan.money}`);
  await value(`(() => { const slider = document.querySelector('input[name=weeks]'); slider.value = 3; slider.dispatchEvent(new Event('change', { bubbles: true })); })()`);
  await until(`${planned} && document.querySelectorAll('[data-part=planner] .scroll tbody tr').length === 3`, 'a slider asks again');
  check('the URL holds the plan', (await value('location.search')).includes('plan='));
  await value(`document.querySelectorAll('[data-article]')[1].click()`);
  const second = await value(`document.querySelectorAll('[data-article]')[1].dataset.article`);
  await until(`document.querySelector('[data-plan="${second}"]')`, 'an article of the table is planned');
}

await browserTest(async (url) => {
  await size(1360, 900);
  await open(`${url}/?page=prices`);
  check('the page opens', await until(shown, 'the page is drawn'));
  await until(planned, 'a plan stands there');
  await until(`document.querySelector('[data-part=planner] canvas')`, 'its chart is drawn');
  check('one request brings the page', calls().filter((to) => !to.includes('/plan')).join() === `${url}/v1/page`, calls().join(' '));
  const all = await (await fetch(`${url}/v1/prices`)).json();
  await picture('prices-light');
  await defined();
  await numbersEqualTheApi(all);
  await value(`document.querySelector('[data-part=categories] .frame').focus()`);
  await press('ArrowDown');
  check('arrows read the hills', (await text('[data-part=categories] .said')).includes('95 %'));
  const terms = await value(`[...document.querySelectorAll('[data-term]')].map((a) => a.getAttribute('href'))`);
  check('every heading leads to a definition', terms.length > 8 && terms.every((to) => all.definitions[to.slice('#def-'.length)]));
  await plannerAnswers(url);
  await open(`${url}/?page=prices&view=table`);
  await until(shown, 'tables too');
  check('the hills have their table', (await count('[data-ridge]')) === 0 && (await text('[data-part=categories]')).includes('Articles'));
  await send('Emulation.setEmulatedMedia', { features: [] });
  await size(420, 900);
  await open(`${url}/?page=prices&theme=dark`);
  await until(shown, 'it opens on a phone');
  await until(planned, 'with a plan');
  check('nothing is wider than a phone', await fits());
  await picture('prices-phone');
});
