// funnel: the Funnel page in a real browser: steps, groups that add up, weeks, key figures.
//
//   node tests/browser/funnel.mjs [OUT]
import { browserTest, check, fits, open, picture, press, send, size, until, value } from './browser.mjs';

const text = (what) => value(`document.querySelector(${JSON.stringify(what)})?.textContent ?? ''`);
const counts = `[...document.querySelectorAll('[data-part=steps] rect[data-step]')].map((bar) => Number(bar.dataset.value))`;
const shown = `document.querySelector('[data-page=funnel] [data-part=kpis]')`;

await browserTest(async (url) => {
  await size(1360, 900);
  await open(`${url}/?page=funnel`);
  check('the page opens', await until(shown, 'the page is drawn'));
  const all = await (await fetch(`${url}/v1/funnel`)).json();
  await picture('funnel-light');
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
