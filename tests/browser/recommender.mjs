// recommender: the Recommender page and the article page in a real browser, against a real server.
//
//   node tests/browser/recommender.mjs [OUT]
import { browserTest, check, fits, open, picture, press, send, size, until, value } from './browser.mjs';

const shown = (what) => value(`JSON.stringify([...document.querySelectorAll('${what}')].map((e) => e.dataset))`)
  .then((text) => JSON.parse(text));

async function figuresEqualTheApi(url) {
  const { recommend } = await (await fetch(`${url}/v1/evaluation`)).json();
  for (const metric of ['map_at_12', 'hr_at_12']) {
    await value(`(() => { const s = document.querySelector('main select'); s.value = '${metric}';
      s.dispatchEvent(new Event('change', { bubbles: true })) })()`);
    await until(`document.querySelector('[data-models=${metric}]')`, `${metric} is chosen`);
    const wanted = recommend.models
      .filter((model) => model.metrics[metric]?.value != null)
      .map((model) => [model.name, String(model.metrics[metric].value)]);
    const is = (await shown('[data-models] [data-entry]')).map((one) => [one.entry, one.value]);
    check(`every model's ${metric} is the evaluation's`, JSON.stringify(is) === JSON.stringify(wanted), JSON.stringify(is));
  }
  const groups = (await shown('[data-group]')).map((one) => one.group);
  check('every group of customers is shown',
    JSON.stringify(groups) === JSON.stringify(recommend.segments.map((one) => one.name)), groups.join(' '));
  const rows = await value(`document.querySelectorAll('[data-sources] tbody tr').length`);
  check('every source is shown', rows === recommend.sources.length, `${rows} of ${recommend.sources.length}`);
  check('the choice of the ranker is said in words',
    !recommend.choice || (await value(`document.querySelector('main').textContent`)).includes(recommend.choice));
}

/** A customer of the shop: an unknown one gets popular articles, and no history. */
async function previewAnswers(url, customer) {
  const ask = (rules) =>
    fetch(`${url}/v1/recommendations/users/${customer}?k=12${rules}`).then((reply) => reply.json());
  await value(`document.querySelector('#customer').focus()`);
  await send('Input.insertText', { text: customer });
  await press('Enter');
  await until(`document.querySelector('[data-list] [data-item]')`, 'the preview answers');
  const plain = await ask('');
  const items = await shown('[data-list] [data-item]');
  check('the preview is the list of the API',
    JSON.stringify(items.map((one) => one.item)) === JSON.stringify(plain.items.map((one) => one.id)));
  check('its contributions add up to the score', plain.items.every((one) =>
    Math.abs(one.contributions.reduce((sum, part) => sum + part.value, 0) - one.score) < 1e-4));
  check('what she bought before stands beside it',
    (await value(`document.querySelectorAll('[data-bought]').length`)) === (plain.history ?? []).length);
  await picture('recommender-light');
  await value(`(() => { const s = document.querySelector('input[type=range]'); s.value = '0.6';
    s.dispatchEvent(new Event('change', { bubbles: true })) })()`);
  const diverse = await ask('&diversity=0.6');
  await until(`[...document.querySelectorAll('[data-list] [data-item]')].map((e) => e.dataset.item).join() ===
    ${JSON.stringify(diverse.items.map((one) => one.id).join())}`, 'the slider asks again');
  check('the slider of diversity asks again', true);
  check('the URL holds the rule', (await value('location.search')).includes('diversity=0.6'));
}

async function articleOpens(url) {
  await value(`document.querySelector('[data-list] a').click()`);
  await until(`document.querySelector('[data-article]')`, 'the article opens');
  const id = await value(`document.querySelector('[data-article]').dataset.article`);
  const page = await (await fetch(`${url}/v1/articles/${id}`)).json();
  for (const [part, list] of [['similar', page.similar], ['together', page.bought_together], ['variants', page.variants]])
    check(`the article's ${part} are the API's`,
      (await value(`document.querySelectorAll('[data-part=${part}] [data-item]').length`)) === list.length);
  await picture('article-light');
  await value('history.back()');
  await until(`document.querySelector('[data-list] [data-item]')`, 'back leads to the preview');
  check('back leads to the same preview', (await value('location.search')).includes('diversity=0.6'));
}

await browserTest(async (url) => {
  await size(1360, 900);
  await open(`${url}/?page=recommender`);
  await until(`document.querySelectorAll('canvas').length > 0`, 'charts are drawn');
  await figuresEqualTheApi(url);
  const home = await (await fetch(`${url}/openapi.json`)).json();
  const customer = home.paths['/v1/recommendations/users/{id}'].get.parameters[0].example;
  await previewAnswers(url, customer);
  await articleOpens(url);
  await open(`${url}/?page=recommender&theme=dark&view=table&customer=${customer}`);
  await until(`document.querySelector('[data-list] [data-item]')`, 'the dark preview answers');
  check('tables instead of charts', (await value(`document.querySelectorAll('canvas').length`)) === 0);
  await picture('recommender-dark');
  await size(400, 900);
  await open(`${url}/?page=recommender&customer=${customer}`);
  await until(`document.querySelector('[data-list] [data-item]')`, 'the narrow preview answers');
  check('a phone does not scroll sideways', await fits());
  await picture('recommender-narrow');
});
