// segments: the Segments page, tab by tab, and the passport of a segment, in a real browser.
//
//   node tests/browser/segments.mjs [OUT]
import { browserTest, check, fits, open, picture, press, size, until, value } from './browser.mjs';

const tabs = ['overview', 'grid', 'explorer', 'choose_k', 'value', 'retention', 'migration', 'drift'];
const count = (what) => value(`document.querySelectorAll(${JSON.stringify(what)}).length`);
const all = async (what, of) => JSON.parse(await value(
  `JSON.stringify([...document.querySelectorAll(${JSON.stringify(what)})].map((e) => ${of}))`));
const api = async (url, path) => (await fetch(`${url}/v1/segments${path}`)).json();
const tab = async (url, name, more = '') => {
  await open(`${url}/?page=segments&tab=${name}${more}`);
  await until(`document.querySelector('[data-shown]') && !document.querySelector('main .skeleton')`, `${name} arrives`);
};
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

async function overviewEqualsTheApi(url) {
  const { segments, method } = await api(url, '');
  await tab(url, 'overview');
  const shown = await value(`document.querySelector('[data-method]').dataset.method`);
  check('the recommended method is shown first', !method || shown === method);
  for (const name of new Set(segments.map((one) => one.method))) {
    await tab(url, 'overview', `&method=${name}`);
    const own = segments.filter((one) => one.method === name);
    check(`${name}: the table has the segments of the API`,
      same(await all('a[data-segment]', 'e.dataset.segment'), own.map((one) => one.id)));
    const sizes = (list) => list.map(([id, n]) => [id, Number(n)]).sort();
    check(`${name}: boxes are as large as their segments`,
      same(sizes(await all('[data-box]', '[e.dataset.box, e.dataset.size]')),
        sizes(own.filter((one) => one.customers > 0).map((one) => [one.id, one.customers]))));
    const areas = await all('[data-box]', '[e.offsetWidth * e.offsetHeight, Number(e.dataset.size)]');
    const total = areas.reduce((sum, [, n]) => sum + n, 0);
    const frame = await value(`(() => { const m = document.querySelector('.map'); return m.clientWidth * m.clientHeight })()`);
    check(`${name}: areas are as the sizes`, areas.every(([area, n]) =>
      Math.abs(area / frame - n / total) < 0.03), JSON.stringify(areas)); // 2 pixels between boxes
  }
  await value(`[...document.querySelectorAll('[data-choice=revenue]')][0].click()`);
  check('the URL holds the area', (await value('location.search')).includes('area=revenue'));
  await value('history.back()');
  await until(`!location.search.includes('area=revenue') && document.querySelector('[data-choice=customers]').ariaPressed === 'true'`, 'back undoes it');
  check('back undoes it', true);
}

async function everyTabShowsItsPartOrSaysWhy(url) {
  const { parts } = await api(url, '');
  for (const name of tabs) {
    await tab(url, name);
    check(`${name}: shown, or said that it is missing`,
      (await count('[data-skipped]')) === (parts.includes(name) ? 0 : 1));
    await until(`[...document.querySelectorAll('.frame')].every((e) => e.querySelector('canvas, svg'))`, `${name} is drawn`);
    await picture(`segments-${name}-light`);
  }
  if (parts.includes('grid')) {
    const { grid } = await api(url, '?part=grid');
    await tab(url, 'grid');
    const wanted = {};
    for (const one of grid.cells) wanted[`${one.r}${one.f}`] = (wanted[`${one.r}${one.f}`] ?? 0) + one.customers;
    const cells = Object.fromEntries(await all('[data-cell]', '[e.dataset.cell, Number(e.dataset.value)]'));
    check('cells are the sums over money', same(Object.entries(cells).sort(), Object.entries(wanted).sort()));
    await value(`document.querySelector('[data-cell]').click()`);
    check('cells can be picked', await until(`document.querySelector('[data-picked]') && location.search.includes('cells=')`, 'a cell is picked'));
  }
  if (parts.includes('grid')) await ownCutsCountAnew(url);
  if (parts.includes('value')) await thePathOfACustomer(url);
  if (parts.includes('explorer')) await explorerFollowsTheSlider(url);
  if (parts.includes('choose_k')) {
    const { choose_k } = await api(url, '?part=choose_k');
    await tab(url, 'choose_k');
    check('a row for each number of clusters', (await count('section tbody tr')) === choose_k.rows.length);
    check('DBCV is drawn where it is known', (await count('[data-criterion=dbcv]')) === Number(choose_k.rows.some((row) => row.dbcv != null)));
    check('the chosen one is told', (await value(`document.querySelector('[data-chosen]').dataset.chosen`)) === String(choose_k.chosen));
  }
  if (parts.includes('migration')) {
    const { migration } = await api(url, '?part=migration');
    const { customers } = migration.find((one) => one.method === 'rfm').months.at(-1);
    await tab(url, 'migration', '&method=rfm');
    const moved = Number(await value(`document.querySelector('[data-moved]').dataset.moved`));
    const known = customers.slice(0, -1);
    const sum = (list) => list.reduce((a, b) => a + b, 0);
    const stayed = sum(known.map((row, i) => row[i]));
    check('who moved is counted by the matrix', Math.abs(moved - (1 - stayed / sum(known.flat()))) < 1e-9);
  }
}

async function explorerFollowsTheSlider(url) {
  const { projection, sweep } = await api(url, '?part=explorer');
  await tab(url, 'explorer');
  if (projection)
    check('all points of the API are drawn', (await value(`document.querySelector('[data-points]').dataset.points`)) === String(projection.x.length));
  if (!sweep) return;
  const last = sweep.rows.at(-1);
  await value(`(() => { const s = document.querySelector('input[type=range]'); s.value = s.max; s.dispatchEvent(new Event('input', { bubbles: true })) })()`);
  await until(`document.querySelector('[data-least]').dataset.least === '${last.m}'`, 'the slider moves');
  check('clusters and noise are those of the sweep', same(
    await value(`(() => { const d = document.querySelector('[data-clusters]').dataset; return [d.clusters, d.noise] })()`),
    [String(last.clusters), String(last.noise)]));
  check('the URL holds the size', last.m === sweep.chosen || (await value('location.search')).includes(`least=${last.m}`));
  if (!projection) return;
  if (last.tree) await theTreeLightsItsPoints(url, sweep);
  await value(`document.querySelector('[data-part=explorer] [role=img]').focus()`);
  await press('ArrowRight');
  check('arrow keys read the points aloud', await until(
    `[...document.querySelectorAll('[aria-live]')].some((e) => e.textContent.includes(': '))`, 'a point is read'));
}

async function ownCutsCountAnew(url) {
  const usual = await api(url, '/grid');
  const cuts = [usual.cuts.recency.map((v) => v + 10), [1, 2, 3, 4], usual.cuts.money.map((v) => 2 * v + 1)];
  const wanted = await api(url, `/grid?recency=${cuts[0]}&frequency=${cuts[1]}&money=${cuts[2]}`);
  await tab(url, 'grid');
  await until(`document.querySelector('[data-part=cuts]')`, 'the editor arrives');
  await value(`document.querySelector('[data-part=cuts]').closest('details').open = true`);
  for (const [k, measure] of ['recency', 'frequency', 'money'].entries())
    for (const i of [3, 2, 1, 0])
      await value(`(() => { const e = document.querySelector('[data-cut=${measure}${i}]'); e.value = '${cuts[k][i]}'; e.dispatchEvent(new Event('change', { bubbles: true })) })()`);
  const sums = {};
  for (const one of wanted.cells) sums[`${one.r}${one.f}`] = (sums[`${one.r}${one.f}`] ?? 0) + one.customers;
  const expected = JSON.stringify(Object.entries(sums).sort());
  check('own cut points count the cells anew', await until(
    `JSON.stringify([...document.querySelectorAll('[data-cell]')].map((e) => [e.dataset.cell, Number(e.dataset.value)]).sort()) === ${JSON.stringify(expected)}`, 'cells by own cuts'));
  check('the URL holds the cuts', decodeURIComponent(await value('location.search')).includes(`/${cuts[1]}/`));
  await picture('segments-grid-cuts-light');
  await value(`(() => { const e = document.querySelector('[data-cut=frequency0]'); e.value = '99'; e.dispatchEvent(new Event('change', { bubbles: true })) })()`);
  check('cut points that fall are refused in words', await until(`document.querySelector('[data-failure]')?.textContent.includes('must ascend')`, 'the refusal'));
}

async function thePathOfACustomer(url) {
  const { members } = await api(url, '/rfm-champions/members?limit=1');
  if (!members?.length) return;
  const id = members[0].customer_id;
  const { alive, value: worth } = await api(url, `/users/${encodeURIComponent(id)}`);
  if (!alive) return;
  check('the path ends at what is said of today', Math.abs(alive.p_alive.at(-1) - worth.p_alive) < 1e-4);
  await tab(url, 'value', `&customer=${encodeURIComponent(id)}`);
  check('a tick for each day with a purchase', await until(
    `document.querySelector('[data-path]')?.dataset.ticks === '${alive.purchases.length}'`, 'the path is drawn'));
  await picture('segments-alive-light');
}

async function theTreeLightsItsPoints(url, sweep) {
  const row = [...sweep.rows].reverse().find((one) => (one.tree?.size.length ?? 0) > 1) ?? sweep.rows.at(-1);
  await tab(url, 'explorer', `&method=${sweep.method}&least=${row.m}`);
  check('a block for each cluster of the tree', (await count('[data-node]')) === row.tree.size.length);
  const widths = await all('[data-node]', 'e.getBoundingClientRect().width');
  check('blocks are as wide as their customers', widths.every((w, i) =>
    Math.abs(w / widths[0] - row.tree.size[i] / row.tree.size[0]) < 0.01));
  const node = row.tree.size.length - 1; // a leaf: the last one was born last
  await value(`document.querySelector('[data-node="${node}"]').click()`);
  const wanted = row.node.filter((one) => one === node).length;
  check('a block keeps its customers', await until(`document.querySelector('[data-picked]')?.dataset.picked === '${wanted}'`, 'the branch is picked'));
  check('the URL holds the branch', (await value('location.search')).includes(`branch=${node}`));
  await value(`document.querySelector('[data-node="${node}"]').focus()`);
  await press('ArrowUp');
  check('arrow keys walk the tree', await until(`document.activeElement.dataset.node === '${row.tree.parent[node]}'`, 'the parent has the focus'));
  await picture('segments-explorer-tree-light');
}

async function passportEqualsTheApi(url) {
  const { segments } = await api(url, '');
  const largest = [...segments].sort((a, b) => b.customers - a.customers)[0];
  const one = await api(url, `/${encodeURIComponent(largest.id)}`);
  await tab(url, 'overview', `&segment=${encodeURIComponent(largest.id)}`);
  await until(`document.querySelector('[data-members] tbody tr')`, 'members arrive');
  check('the passport is of the segment', (await value(`document.querySelector('[data-passport]').dataset.passport`)) === largest.id);
  check('its customers are counted', (await value(`document.querySelector('[data-passport] [data-fact=customers]').dataset.value`)) === String(one.customers));
  check('its traits are those of the API',
    same((await all('[data-trait]', 'e.dataset.value')).map(Number), (one.traits ?? []).map((trait) => trait.z)));
  check('without a rule or traits a sentence stands there',
    (one.rule || (await value(`document.querySelector('[data-part=rule]').textContent`)).includes('No short rule')) &&
    (one.traits?.length || one.what?.length || (await value(`document.querySelector('[data-part=traits]').textContent`)).includes('no traits')));
  const ids = () => all('[data-members] tbody tr', 'e.firstElementChild.textContent.trim()');
  const page = async (offset) => (await api(url, `/${encodeURIComponent(largest.id)}/members?limit=20&offset=${offset}`));
  const first = await page(0);
  check('members are those of the API', same(await ids(), first.members.map((m) => m.customer_id)));
  check('and as many', (await value(`document.querySelector('[data-members]').dataset.members`)) === String(first.total));
  if (first.total > 20) {
    const second = await page(20);
    await value(`[...document.querySelectorAll('button')].find((b) => b.textContent.startsWith('Next')).click()`);
    check('the next page follows', await until(`document.querySelector('[data-members] tbody td').textContent.trim() ===
      ${JSON.stringify(second.members[0].customer_id)}`, 'the next page'));
  }
  const table = await (await fetch(`${url}/v1/segments/${encodeURIComponent(largest.id)}/members.csv`)).text();
  check('the file has a row for each', table.split('\r\n').length === first.total + 2);
  check('a link offers it', await value(`document.querySelector('a[download]').getAttribute('href').endsWith('members.csv')`));
  await picture('segments-passport-light');
  return largest;
}

async function theKeyboardReachesAll(url) {
  await tab(url, 'overview');
  await value(`document.activeElement.blur()`);
  const reached = new Set();
  for (let i = 0; i < 60; i++) {
    await press('Tab');
    reached.add(await value(`(() => { const e = document.activeElement;
      return e.dataset.tab ? 'tab' : e.dataset.box ? 'box' : e.dataset.segment ? 'segment' : e.dataset.choice ? 'switch' : '' })()`));
  }
  for (const what of ['tab', 'switch', 'box', 'segment'])
    check(`the keyboard reaches a ${what}`, reached.has(what));
}

await browserTest(async (url) => {
  await size(1440, 900);
  await overviewEqualsTheApi(url);
  await everyTabShowsItsPartOrSaysWhy(url);
  const largest = await passportEqualsTheApi(url);
  await theKeyboardReachesAll(url);
  await tab(url, 'value', '&customer=nobody-of-that-name');
  if ((await count('[data-skipped]')) === 0)
    check('an id that is not known is told', await until(`document.querySelector('[data-customer=unknown]')`, 'a stranger'));
  for (const name of tabs) {
    await tab(url, name, '&theme=dark');
    await picture(`segments-${name}-dark`);
  }
  await tab(url, 'overview', '&view=table');
  check('tables instead of charts', (await count('canvas')) + (await count('[data-box]')) === 0);
  await size(390, 900);
  for (const name of [...tabs, `overview&segment=${encodeURIComponent(largest.id)}`]) {
    await tab(url, name);
    check(`${name}: a phone does not scroll sideways`, await fits());
    await picture(`segments-${name.replace(/&.*/, '-passport')}-narrow`);
  }
});
