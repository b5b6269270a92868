// funnel: the Funnel page in a real browser: steps, groups that add up, weeks, key figures.
//
//   node tests/browser/funnel.mjs [OUT]
import { browserTest, check, defined, fits, open, picture, press, send, size, until, value } from './browser.mjs';

const text = (what) => value(`document.querySelector(${JSON.stringify(what)})?.textContent ?? ''`);
const counts = `[...document.querySelectorAll('[data-part=steps] rect[data-step]')].map((bar) => Number(bar.dataset.value))`;
const shown = `document.querySelector('[data-page=funnel] [data-part=kpis]')`;

await browserTest(async (url) => {
  await size(1360, 900);
  await open(`${url}/?page=funnel`);
  check('the page opens', await until(shown, 'the page is drawn'));
  const all = await (await fetch(`${url}/v1/funnel`)).json();
  await picture('funnel-light');
  await defined();
  check("the bars are the API's counts", JSON.stringify(await value(counts)) === JSON.stringify(all.all.counts));
  check('the definition stands under the bars', (await text('[data-definition]')).startsWith(all.definition));
  check('every key figure is there', (await value(`document.querySelectorAll('[data-kpi]').length`)) === Object.keys(all.kpis).length);
  const missing = Object.values(all.kpis).find((one) => one.value === null);
  if (missing) check('what cannot be told says why', (await text('[data-part=kpis]')).includes(missing.why));
  const rows = await value(`[...document.querySelectorAll('[data-part=split] .scroll tbody tr')].map((row) =>
    Number(row.querySelectorAll('[data-value]')[0].dataset.value))`);
  check('the groups add up to the whole', rows.reduce((a, b) => a + b, 0) === all.all.counts[0], rows.join(' '));
  const weeks = await value(`[...document.querySelectorAll('[data-week]')].map((c) => Number(c.dataset.value))`);
  check('the weeks add up to the whole', weeks.reduce((a, b) => a + b, 0) === all.all.counts.at(-1));
  await value(`document.querySelector('[data-part=steps] .frame').focus()`);
  await press('ArrowRight');
  await press('ArrowRight');
  check('arrows read the steps', (await text('[data-part=steps] .said')).includes('of those before'));
  for (const who of ['sessions', 'articles']) {
    if (!all[who]) continue;
    await value(`[...document.querySelectorAll('.choice button')].find((b) => b.textContent.startsWith(${JSON.stringify(who === 'sessions' ? 'Sessions' : 'A visitor')})).click()`);
    check(`${who}: other bars`, await until(`JSON.stringify(${counts}) === ${JSON.stringify(JSON.stringify(all[who].counts))}`, 'the bars change'));
    check(`${who}: the URL holds it`, (await value('location.search')).includes(`who=${who}`));
  }
  const tab = (title) => value(`[...document.querySelectorAll('[data-part=tabs] button')].find((b) => b.textContent === '${title}')?.click()`);
  await tab('Differences');
  const told = (all.articles ?? all.sessions ?? all).why.steps.flatMap((one) => one.differences.map((two) => two.odds_ratio.value));
  check("differences: the odds ratios are the API's", await until(`JSON.stringify([...document.querySelectorAll('[data-difference]')].map((one) => Number(one.dataset.value))) === ${JSON.stringify(JSON.stringify(told))}`, 'the odds ratios'), told.join(' '));
  check('differences: what was planted is among them', !all.articles || (await text('[data-part=differences]')).includes('channel: email'));
  check('differences: each step has its money', (await value(`document.querySelectorAll('[data-part=differences] dd[data-value]').length`)) === 2 * (all.steps.length - 1));
  await value(`document.querySelector('[data-part=differences] .frame').focus()`);
  await press('ArrowRight');
  check('differences: arrows read them', (await text('[data-part=differences] .said')).includes('times the odds'));
  await picture('funnel-differences');
  if (all.articles) {
    const listed = all.articles.each.list.filter((one) => one.label);
    await tab('Articles');
    check('articles: those that stand out', await until(`document.querySelectorAll('[data-article]').length === ${listed.length}`, 'the list'));
    await picture('funnel-articles');
    await value(`document.querySelector('[data-article]').click()`);
    check('articles: a name leads to its page', await until(`location.search.includes('page=article') && location.search.includes('article=' + encodeURIComponent(${JSON.stringify(listed[0]?.article ?? '')}))`, 'the article page'));
    await value('history.back()');
    await until(`document.querySelector('[data-part=articles]')`, 'back again');
  }
  await tab('Steps');
  await until(`document.querySelector('[data-part=steps]')`, 'the steps again');
  const choose = (name, to) => value(`{ const one = document.querySelector('[data-part=builder] [name=${name}]'); one.value = '${to}'; one.dispatchEvent(new Event('change', { bubbles: true })); }`);
  const built = (spec) => fetch(`${url}/v1/funnel`, { method: 'POST', body: JSON.stringify(spec) }).then((answer) => answer.json());
  const drawn = (one) => until(`document.querySelector('[data-built]')?.dataset.built === '${one.hash}'`, 'the built funnel is drawn');
  await value(`[...document.querySelectorAll('.choice button')].find((b) => b.textContent.startsWith('Your own')).click()`);
  check('own steps: the usual ones first', await drawn(await built({})));
  await value(`document.querySelector('[data-part=builder] li:nth-child(2) button[aria-label^=without]').click()`);
  await choose('order', 'any');
  await choose('within', '36h');
  const kept = await value(`[...document.querySelectorAll('[data-chosen]')].map((one) => one.dataset.chosen)`);
  const own = await built({ steps: kept, order: 'any', window: '36h' });
  check('own steps: what was chosen is asked', kept.length === all.steps.length - 1 && (await drawn(own)));
  const ownCounts = `[...document.querySelectorAll('[data-built] rect[data-step]')].map((bar) => Number(bar.dataset.value))`;
  check("own steps: the bars are the API's", JSON.stringify(await value(ownCounts)) === JSON.stringify(own.all.counts));
  check('own steps: the URL holds them', (await value('location.search')).includes('order=any'));
  await choose('within', 'soon');
  check('own steps: a wrong window is told and not asked', (await until(`document.querySelector('[data-part=builder] [role=alert]')?.textContent.includes('36h, 30m')`, 'the sentence')) && !(await value('location.search')).includes('soon'));
  await choose('within', '7d');
  await choose('cut', 'channel');
  await until(`document.querySelector('[data-built] table')`, 'the cut is drawn');
  await picture('funnel-own');
  await value(`[...document.querySelectorAll('.choice button')].find((b) => b.textContent.startsWith('Visitors')).click()`);
  await until(`document.querySelector('[data-part=split]')`, 'back to the run\'s own');
  await value(`[...document.querySelectorAll('[data-part=split] .choice button')].at(-1).click()`);
  check('another cut', await until(`location.search.includes('split=')`, 'the cut is in the URL'));
  await open(`${url}/?page=funnel&view=table`);
  await until(shown, 'tables too');
  check('each picture has its table', (await value(`document.querySelectorAll('[data-part=steps] svg, [data-part=split] svg, [data-part=weeks] svg').length`)) === 0);
  await send('Emulation.setEmulatedMedia', { features: [] });
  await size(420, 900);
  await open(`${url}/?page=funnel&theme=dark`);
  await until(shown, 'it opens on a phone');
  check('nothing is wider than a phone', await fits());
  await picture('funnel-phone');
});
