// data: the Data page in a real browser: accounts, quarantine, mapping and profiles are the API's.
//
//   node tests/browser/data.mjs [OUT]
import { browserTest, check, fits, open, picture, size, until, value } from './browser.mjs';

const shown = `document.querySelector('[data-page=data] [data-part=profiles] tbody tr')`;
const count = (part) => value(`document.querySelectorAll('[data-part=${part}] tbody tr').length`);

await browserTest(async (url) => {
  const all = await (await fetch(`${url}/v1/data`)).json();
  await size(1360, 900);
  await open(`${url}/?page=data`);
  check('the page opens', await until(shown, 'the page is drawn'));
  await picture('data-light');
  check('the accounts of each file add up', all.files.length > 0 && all.files.every((one) => one.seen === one.accepted + one.quarantined + one.merged + one.blank));
  for (const part of ['files', 'quarantine', 'mapping', 'freshness', 'checks', 'drift', 'profiles'])
    check(`${part}: a row for each of the API's`, (await count(part)) === all[part].length, `${all[part].length}`);
  for (const key of ['seen', 'accepted', 'quarantined', 'merged', 'blank'])
    check(`rows ${key} are the sum`, (await value(`document.querySelector('[data-fact=${key}]').dataset.value`)) === String(all.files.reduce((sum, one) => sum + one[key], 0)));
  const set_aside = all.quarantine.reduce((sum, one) => sum + one.rows, 0);
  check('groups of the quarantine hold its rows', set_aside === all.files.reduce((sum, one) => sum + one.quarantined, 0), `${set_aside}`);
  await size(420, 900);
  await open(`${url}/?page=data&theme=dark`);
  await until(shown, 'it opens on a phone');
  check('nothing is wider than a phone', await fits());
  await picture('data-phone');
});
