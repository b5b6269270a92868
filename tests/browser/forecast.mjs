// forecast: the Forecast page in a real browser: alerts, series with their parts, the backtest.
//
//   node tests/browser/forecast.mjs [OUT]
import { browserTest, check, open, picture, send, size, until, value } from './browser.mjs';

const count = (what) => value(`document.querySelectorAll(${JSON.stringify(what)}).length`);
const get = async (url, path) => (await fetch(`${url}/v1/${path}`)).json();

async function alertsEqualTheApi(url) {
  const all = await get(url, 'alerts?limit=1000');
  await until(`document.querySelector('[data-part=alerts]')`, 'alerts are there');
  if (all.total === 0) {
    check('without alerts a sentence stands in their place',
      (await value(`document.querySelector('[data-part=alerts]').textContent`)).includes('Nothing to do'));
    return;
  }
  check('the list counts the alerts of the API',
    (await value(`document.querySelector('[data-alerts]').dataset.alerts`)) === String(all.alerts.length));
  const first = all.alerts[0];
  check('the dearest alert stands first',
    (await value(`document.querySelector('[data-alert]').dataset.alert`)) === first.id);
  check('its money is that of the API',
    (await value(`document.querySelector('[data-alert] .money').dataset.value`)) === String(first.money));
  const words = await value(`document.querySelector('[data-alert]').textContent`);
  check('it says what is so and what to do', words.includes(first.sentence) && words.includes(first.action));
  const type = all.alerts.at(-1).type;
  await value(`document.querySelector('[data-kind=${type}]').click()`);
  await until(`document.querySelector('[data-alerts]')?.dataset.alerts === ${JSON.stringify(String(all.alerts.filter((one) => one.type === type).length))}`,
    'a type can be chosen');
  check('a type can be chosen', (await count('[data-alert]')) > 0);
  await value(`document.querySelector('.filters button').click()`);
  await until(`document.querySelector('[data-alerts]')?.dataset.alerts === ${JSON.stringify(String(all.alerts.length))}`, 'all again');
  return all.alerts;
}

async function handledOnesStayAway(url, list) {
  const gone = (n) => `document.querySelector('[data-alerts]')?.dataset.alerts === ${JSON.stringify(String(list.length - n))}`;
  await value(`document.querySelector('[data-alert] [data-act=accept]').click()`);
  await until(gone(1), 'an accepted alert leaves the list');
  await value(`document.querySelector('[data-alert] [data-act=snooze]').click()`);
  await until(gone(2), 'a snoozed alert leaves the list');
  await open(`${url}/?page=forecast`);
  await until(`document.querySelector('[data-alerts]')`, 'alerts are there again');
  check('both stay away after a reload', await value(gone(2)));
  await value(`document.querySelector('.filters input').click()`);
  await until(gone(0), 'handled ones can be shown');
  check('handled ones can be shown', await value(gone(0)));
}

async function madeOf(url) {
  const total = await get(url, 'forecasts/total');
  if (!total.detections) return check('a short history is not taken apart', (await count('[data-detected]')) === 0);
  check('the page says what the series is made of',
    (await value(`document.querySelector('[data-detected]').textContent`)) === total.detections.sentence);
  check('trend, season and remainder are small charts',
    (await count('[data-multiple]')) === 2 + (total.detections.seasons.length > 0));
  const n = total.detections.trend_units.length;
  const off = total.history.units.slice(-n).filter((units, i) => Math.abs(units - total.detections.trend_units[i]
    - total.detections.season_units[i] - total.detections.remainder_units[i]) > 0.05);
  check('the parts add up to what was sold, but for weeks without goods', off.length <= n / 2, `${off.length} of ${n}`);
}

async function partsAddUp(url) {
  await open(`${url}/?page=forecast`);
  await until(`document.querySelector('[data-series=total]') && document.querySelector('[data-parts]')`, 'the total is there');
  const total = await get(url, 'forecasts/total');
  const sum = await value(`[...document.querySelectorAll('[data-parts] [data-value]')].reduce((s, e) => s + Number(e.dataset.value), 0)`);
  const all = total.mean.reduce((s, x) => s + x, 0);
  check('the categories add up to the total', Math.abs(sum - all) < 1e-3 * all, `${sum} and ${all}`);
  await value(`document.querySelector('[data-parts] button').click()`);
  await until(`document.querySelector('[data-series^="category/"]') && document.querySelector('[data-parts]')`, 'a category opens');
  const name = await value(`document.querySelector('[data-series]').dataset.series`);
  const one = await get(url, `forecasts/${name.split('/').map(encodeURIComponent).join('/')}`);
  const below = await value(`[...document.querySelectorAll('[data-parts] [data-value]')].reduce((s, e) => s + Number(e.dataset.value), 0)`);
  const wanted = one.mean.reduce((s, x) => s + x, 0);
  check('its articles and the rest add up to it', Math.abs(below - wanted) < 2e-3 * wanted + 0.01, `${below} and ${wanted}`);
  check('the URL holds the series', (await value('location.search')).includes('series=category'));
}

await browserTest(async (url) => {
  await size(1360, 900);
  check('the page opens', await open(`${url}/?page=forecast`));
  await until(`document.querySelector('[data-series]')`, 'a series is drawn');
  await until(`document.querySelectorAll('canvas').length > 0`, 'its chart is drawn');
  await picture('forecast-light');
  const list = await alertsEqualTheApi(url);
  await madeOf(url);
  if (list) await handledOnesStayAway(url, list);
  await partsAddUp(url);
  const evaluation = (await get(url, 'evaluation')).forecast;
  check('coverage by week is that of the evaluation',
    (await count('[data-coverage] tbody tr')) === (evaluation.coverage?.steps ?? []).length);
  const held = Object.values(evaluation.guards).filter((series) => series > 0);
  check('guards that held a forecast of the test back are counted',
    (await value(`document.querySelector('[data-held]')?.dataset.held ?? '0'`)) === String(held.length));
  check('with how many series each',
    held.length === 0 || (await value(`document.querySelector('[data-held]').textContent`)).includes(held[0].toLocaleString('en')));
  await send('Emulation.setEmulatedMedia', { features: [] });
  await size(420, 900);
  await open(`${url}/?page=forecast&theme=dark`);
  await until(`document.querySelector('[data-series]')`, 'it opens on a phone');
  check('nothing is wider than a phone', await value(`document.documentElement.scrollWidth <= 421`));
  await picture('forecast-phone');
});
