// paths: the Paths page in a real browser: flow that is conserved, the matrix, anchors, sequences.
//
//   node tests/browser/paths.mjs [OUT]
import { browserTest, check, defined, fits, open, picture, press, send, size, until, value } from './browser.mjs';

const text = (what) => value(`document.querySelector(${JSON.stringify(what)})?.textContent ?? ''`);
const shown = `document.querySelector('[data-page=paths] [data-part=sequences] tbody tr')`;
const nodes = `[...document.querySelectorAll('[data-node]')].map((one) => [one.dataset.node, Number(one.dataset.value)])`;

await browserTest(async (url) => {
  const ask = async (query) => (await fetch(`${url}/v1/paths?${query}`)).json();
  await size(1360, 900);
  await open(`${url}/?page=paths&least_flow=0`);
  check('the page opens', await until(shown, 'the page is drawn'));
  await picture('paths-light');
  await defined();
  const all = await ask('depth=5');
  check('the definition stands under the flow', (await text('[data-definition]')).startsWith(all.definition));
  const drawn = await value(nodes);
  const first = drawn.filter(([at]) => at.startsWith('0/')).reduce((sum, [, n]) => sum + n, 0);
  check('the first step has all paths', first === all.paths, String(first));
  const moves = await value(`[...document.querySelectorAll('[data-move]')].reduce((sum, one) => sum + Number(one.dataset.move), 0)`);
  check('every move is a ribbon', moves === all.moves.reduce((sum, one) => sum + one.paths, 0), String(moves));
  const kept = drawn.filter(([at]) => !at.endsWith('/(exit)') && !at.startsWith('5/')).every(([at, n]) => {
    const [step, name] = at.split('/');
    return n === all.moves.filter((one) => one.step === Number(step) + 1 && one.source === name).reduce((sum, one) => sum + one.paths, 0);
  });
  check('what flows into an event flows out of it', kept);
  const columns = await value(`(() => { const rows = [...document.querySelectorAll('[data-part=matrix] tbody tr')];
    return rows[0].querySelectorAll('td').length ? [...Array(6).keys()].map((k) => rows.reduce((sum, row) => sum + Number([...row.querySelectorAll('td')].slice(-6)[k].dataset.value || 0), 0)) : [] })()`);
  check('each column of the matrix adds up to all', columns.length === 6 && columns.every((sum) => Math.abs(sum - 1) < 1e-9), columns.join(' '));
  check('the sequences are the API\'s', (await value(`document.querySelectorAll('[data-part=sequences] tbody tr').length`)) === Math.min(40, all.sequences.length));
  const { kinds: { list: kinds }, attribution } = (await (await fetch(`${url}/v1/funnel`)).json()).sessions;
  check("the kinds of sessions are the API's", await until(`document.querySelector('[data-part=kinds] .scroll tbody tr')`, 'the kinds') &&
    JSON.stringify(await value(`[...document.querySelectorAll('[data-part=kinds] .scroll tbody tr')].map((row) => Number(row.querySelector('[data-value]').dataset.value))`)) === JSON.stringify(kinds.map((one) => one.sessions)));
  const given = `[...document.querySelectorAll('[data-part=attribution] .scroll tbody tr')].map((row) => Number([...row.querySelectorAll('[data-value]')].at(-2).dataset.value))`;
  check("what channels are given is the API's", JSON.stringify(await value(given)) === JSON.stringify(attribution.channels.map((one) => one.markov.value)));
  check('every conversion is given out once', Math.abs((await value(given)).reduce((a, b) => a + b, 0) - attribution.conversions) < 1e-6);
  await picture('paths-kinds');
  await value(`document.querySelector('[data-part=flow] .frame').focus()`);
  await press('ArrowRight');
  check('arrows read the events', (await text('[data-part=flow] .said')).includes('of all'));
  const choose = (name, to) => value(`{ const one = document.querySelector('[name=${name}]'); one.value = '${to}'; one.dispatchEvent(new Event('change', { bubbles: true })); }`);
  await choose('anchor', 'purchase');
  await until(`document.querySelector('[name=turn]') && document.querySelector('[data-definition]')?.textContent.includes('first purchase')`, 'the anchor is drawn');
  await choose('turn', 'backwards');
  const before = await ask('depth=5&anchor=purchase&backwards=1');
  check('backwards from an anchor', await until(`document.querySelector('[data-definition]')?.textContent.startsWith(${JSON.stringify(before.definition)})`, 'what came before'));
  check('the URL holds it', (await value('location.search')).includes('turn=backwards'));
  await choose('least_flow', '5');
  check('a least flow hides thin ribbons', await until(`[...document.querySelectorAll('[data-move]')].every((one) => Number(one.dataset.move) >= 0.05 * ${before.paths})`, 'thick ones stay'));
  await open(`${url}/?page=paths&view=table`);
  await until(shown, 'tables too');
  check('the picture has its table', (await value(`document.querySelectorAll('[data-part=flow] svg').length`)) === 0);
  await send('Emulation.setEmulatedMedia', { features: [] });
  await size(420, 900);
  await open(`${url}/?page=paths&theme=dark`);
  await until(shown, 'it opens on a phone');
  check('nothing is wider than a phone', await fits());
  await picture('paths-phone');
});
