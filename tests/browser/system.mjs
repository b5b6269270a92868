// system: the System page in a real browser: what is served, steps, two runs compared, the list of runs.
//
//   node tests/browser/system.mjs [OUT]     OUT: results with a kept run; a second stands beside it meanwhile
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { browserTest, check, fits, open, picture, size, until, value } from './browser.mjs';

const shown = `document.querySelector('[data-page=system]')`;
const get = async (url, path) => (await fetch(`${url}${path}`)).json();
const rows = (part) => value(`document.querySelectorAll('[data-part=${part}] tbody tr').length`);

/** An older run beside the one that is kept: the same but for its name, time and one figure. */
function second(out) {
  const kept = join(out, 'runs');
  const id = readdirSync(kept).sort().at(-1);
  const older = join(kept, '20200102-030405');
  cpSync(join(kept, id), older, { recursive: true });
  const run = JSON.parse(readFileSync(join(older, 'run.json'), 'utf8'));
  run.id = '20200102-030405';
  run.started = '2020-01-02T03:04:05Z';
  run.seconds *= 2;
  run.published = false;
  run.refused = 'map_at_12 of recommend is worse';
  run.families.recommend.value /= 2;
  for (const step of run.steps) delete step.manifest;
  writeFileSync(join(older, 'run.json'), JSON.stringify(run));
  const path = join(older, 'evaluation.json');
  const evaluation = JSON.parse(readFileSync(path, 'utf8'));
  for (const part of evaluation.segment.parts) if (part.by === 'cluster') part.value /= 2;
  writeFileSync(path, JSON.stringify(evaluation));
  process.on('exit', () => rmSync(older, { recursive: true, force: true }));
}

await browserTest(async (url) => {
  second(process.argv[2] ?? 'build/tests-tmp/browser-out');
  const all = await get(url, '/v1/runs');
  const [last, before] = all.runs;
  await size(1360, 900);
  await open(`${url}/?page=system`);
  check('the page opens', await until(shown, 'the page is drawn'));
  check('two runs are kept', all.total >= 2 && all.runs.length === all.total);
  check('the last one is served', last.serving && !before.serving);
  check('the bundle is the API’s', (await value(`document.querySelector('[data-fact=serving]').dataset.value`)) === all.serving);
  check('its verdict is told', (await value(`document.querySelector('[data-verdict]').textContent`)).includes('served now'));
  check('a row a step', (await rows('gate')) === last.steps.length);
  check('a row a run', (await rows('runs')) === all.runs.length);
  const seconds = await value(`JSON.stringify([...document.querySelectorAll('[data-part=gate] tbody tr')].map((tr) => Number(tr.querySelector('[data-value]').dataset.value)))`);
  check('seconds are the API’s', seconds === JSON.stringify(last.steps.map((one) => one.seconds)), seconds);
  await until(`document.querySelector('[data-compared]')`, 'the two are compared');
  const compared = await get(url, `/v1/runs/${last.id}/compare?with=${before.id}`);
  check('the two latest are compared', (await value(`document.querySelector('[data-compared]').dataset.compared`)) === `${before.id} ${last.id}`);
  check('a row a family', compared.families.length > 0 && (await value(`document.querySelectorAll('[data-compared] tbody tr').length`)) === compared.families.length);
  check('equal runs differ by nothing', compared.families.every((one) => one.difference === 0));
  const parts = compared.families.flatMap((one) => one.parts);
  const clusters = parts.filter((one) => one.by === 'cluster');
  check('both have parts', parts.length > 50 && (await value(`document.querySelector('[data-both]').dataset.both`)) === String(parts.length));
  check('only clusters moved', clusters.length > 0 && parts.every((one) => (one.difference !== 0) === (one.by === 'cluster' && one.before !== 0)));
  const moved = parts.filter((one) => one.difference !== 0 && one.model === 'k-means clusters').length;
  check('those that moved are shown', moved > 0 && (await value(`document.querySelectorAll('[data-both] tbody tr').length`)) === Math.min(12, moved));
  await value(`document.querySelector('[data-all]').click()`);
  check('and all on a wish', await until(`document.querySelectorAll('[data-both] tbody tr').length === ${parts.length}`, 'all parts'));
  await value(`document.querySelector('[data-all]').click()`);
  const judged = Object.entries((await get(url, `/v1/runs/${last.id}`)).evaluation);
  check('every family has a learning curve and parts', judged.length === 6 && judged.every(([, one]) => one.skipped || (one.learning.length > 1 && one.parts.length > 0)));
  await until(`document.querySelector('[data-part=learning] figure')`, 'curves');
  const curves = judged.flatMap(([name, one]) => [...new Set((one.learning ?? []).map((at) => `${name} ${at.by}`))]).sort();
  check('a chart a curve', (await value(`JSON.stringify([...document.querySelectorAll('[data-curve]')].map((one) => one.dataset.curve).sort())`)) === JSON.stringify(curves), curves.join(', '));
  const stated = judged.flatMap(([, one]) => one.calibration ?? []);
  check('a chart a calibration', stated.length > 5 && (await value(`document.querySelectorAll('[data-calibration]').length`)) === stated.length);
  check('curves are drawn', await until(`[...document.querySelectorAll('[data-curve], [data-calibration]')].every((one) => one.querySelector('canvas'))`, 'canvases'));
  check('their points are the API’s', (await value(`document.querySelector('[data-curve="segment customers"] .unseen tbody').rows.length`)) === judged.find(([name]) => name === 'segment')[1].learning.length);
  check('parts of a family', (await rows('parts')) === judged.find(([, one]) => !one.skipped)[1].parts.length);
  check('lines are drawn', await until(`document.querySelector('[data-part=runs] [data-drawn=yes] canvas')`, 'parallel coordinates'));
  await picture('system-light');
  await value(`document.querySelector('[data-run="${before.id}"]').click()`);
  check('a refused run says why', await until(`document.querySelector('[data-verdict]').textContent.includes('worse')`, 'its verdict'));
  check('the URL holds it', (await value('location.search')).includes(`run=${before.id}`));
  check('none is missing', (await fetch(`${url}/v1/runs/20010101-000000`)).status === 404);
  await size(420, 900);
  await open(`${url}/?page=system&theme=dark`);
  await until(shown, 'it opens on a phone');
  check('nothing is wider than a phone', await fits());
  await picture('system-phone');
});
