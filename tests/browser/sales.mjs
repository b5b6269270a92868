// sales: the Sales page in a real browser: key figures with comparisons, lines, why revenue moved, days.
//
//   node tests/browser/sales.mjs [OUT]
import { asked, browserTest, check, defined, fits, open, picture, press, size, until, value } from './browser.mjs';

const count = (what) => value(`document.querySelectorAll(${JSON.stringify(what)}).length`);
const text = (what) => value(`document.querySelector(${JSON.stringify(what)})?.textContent ?? ''`);
const shown = (grain, by) => `document.querySelector('[data-page=sales][data-grain=${grain}][data-by=${by}] [data-part=definitions]')`;

async function figuresEqualTheApi(all, group, back) {
  const at = group.complete.lastIndexOf(true);
  for (const { name, why } of all.kpis) {
    const cells = await value(`[...document.querySelectorAll('[data-kpi=${name}] td[data-value]')].map((td) => td.dataset.value)`);
    if (why) check(`${name}: a sentence stands where nothing can be told`, (await text(`[data-kpi=${name}]`)).includes(why) && cells.length === 0);
    else if (group[name][at] !== null)
      check(`${name} is the API's, of the last whole period and the one before`, cells[0] === String(group[name][at]) &&
        (group[name][at - back] === null || cells[1] === String(group[name][at - back])), cells.join(' '));
  }
}

await browserTest(async (url) => {
  await size(1360, 900);
  await open(`${url}/?page=sales`);
  check('the page opens', await until(shown('week', 'category'), 'the page is drawn'));
  check('one request brings the page', asked().filter((to) => to.includes('/v1/sales')).length === 1);
  const all = await (await fetch(`${url}/v1/sales`)).json();
  await picture('sales-light');
  await defined();
  await figuresEqualTheApi(all, all.total[0], 1);
  check('every figure has its definition', (await count('[data-part=definitions] dt')) === all.kpis.length &&
    (await value(`[...document.querySelectorAll('[data-term]')].every((a) => document.querySelector(a.getAttribute('href')))`)));
  check('a line a group, ten at most', (await count('[data-line]')) === Math.min(10, all.groups.length));
  const days = await value(`[...document.querySelectorAll('[data-day]')].reduce((s, e) => s + Number(e.dataset.value), 0)`);
  const wanted = all.calendar.net_revenue.slice(-371).reduce((s, v) => s + v, 0);
  check('the days add up to the revenue of the API', Math.abs(days - wanted) < 0.005, `${days} for ${wanted}`);
  const life = all.lifecycle;
  check('customers of a month are new, returning or resurrected; those of the month before return or go dormant', life.month.every((_, m) =>
    life.customers[m] === life.new[m] + life.returning[m] + life.resurrected[m] &&
    (m === 0 || life.customers[m - 1] === life.returning[m] + life.dormant[m])));
  check('and so they are drawn', (await count('[data-part=lifecycle] [data-kind]')) === 4 * life.month.length);
  await value(`document.querySelector('[data-part=lines] .frame').focus()`);
  await press('ArrowRight');
  check('arrows read the lines', (await text('[data-part=lines] .said')).startsWith(all.total[0].period[0]));
  await value(`document.querySelector('[data-choice=share]').click()`);
  await until(`location.search.includes('as=share')`, 'the URL holds what the lines show');

  const first = all.groups[0];
  await value(`(() => { const s = document.querySelector('[data-part=kpis] select'); s.value = ${JSON.stringify(first.value)}; s.dispatchEvent(new Event('change', { bubbles: true })); })()`);
  await until(`location.search.includes('group=')`, 'a category can be chosen');
  check('what categories do not split is said', (await text('[data-kpi=conversion]')).includes('by category'));
  if (all.revenue) {
    const of = all.revenue.previous.categories.find((one) => one.category === first.value);
    check('the waterfall is the category’s', (await value(`Number(document.querySelector('[data-part=revenue] [data-step=now]').dataset.value)`)) === of.revenue);
  }
  await value(`document.querySelector('[data-choice=month]').click()`);
  check('months can be asked for', await until(shown('month', 'category'), 'months are drawn'));
  const months = await (await fetch(`${url}/v1/sales?grain=month`)).json();
  await figuresEqualTheApi(months, months.groups.find((one) => one.value === first.value), 1);
  for (const by of ['channel', 'segment', 'traffic']) {
    await open(`${url}/?page=sales&by=${by}`);
    await until(shown('week', by), `the page is drawn by ${by}`);
    const part = await (await fetch(`${url}/v1/sales?by=${by}`)).json();
    check(`${by}: groups to choose from, or why there are none`, part.groups.length
      ? (await count('[data-part=kpis] option')) === part.groups.length + 1
      : (await text('[data-absent]')).includes(part.absent[by]));
  }
  await open(`${url}/?page=sales&view=table`);
  await until(shown('week', 'category'), 'tables too');
  check('each picture has its table', (await count('[data-page=sales] svg')) === 0 && (await count('[data-page=sales] table')) >= 4);
  await size(420, 900);
  await open(`${url}/?page=sales&theme=dark`);
  await until(shown('week', 'category'), 'it opens on a phone');
  check('nothing is wider than a phone', await fits());
  await picture('sales-phone');
});
