// reviews: the Reviews page, the search for articles and their reviews, in a real browser.
//
//   node tests/browser/reviews.mjs [OUT]
import { browserTest, check, fits, open, picture, press, send, size, until, value } from './browser.mjs';

const count = (what) => value(`document.querySelectorAll(${JSON.stringify(what)}).length`);
const text = () => value(`document.querySelector('main').textContent`);
const part = async (url, path) => {
  const reply = await fetch(`${url}/v1/${path}`);
  return reply.ok ? reply.json() : null;
};

/** Every part shows what the API says, or a sentence in its place. */
async function partsEqualTheApi(url) {
  const [language, trends, topics, aspects, toxicity] = await Promise.all(
    ['reviews', 'reviews/trends', 'reviews/topics', 'reviews/aspects', 'reviews/toxicity'].map((path) => part(url, path)),
  );
  const shown = JSON.parse(await value(`JSON.stringify([...document.querySelectorAll('[data-part=categories] [data-entry]')]
    .map((e) => [e.dataset.entry, e.dataset.value]))`));
  const wanted = language.sentiment_by_category.slice(0, 20).map((one) => [one.category, String(one.positive_share)]);
  check('shares by category are those of the API', JSON.stringify(shown) === JSON.stringify(wanted), JSON.stringify(shown));
  check('the shop has topics', (topics?.topics ?? []).length >= 2);
  check('topics are those of the API', (await count('[data-topic]')) === topics.topics.length);
  const quotes = JSON.parse(await value(`JSON.stringify([...document.querySelectorAll('[data-topic] blockquote')].map((e) => e.textContent))`));
  check('each topic has its nearest quote', JSON.stringify(quotes) === JSON.stringify(topics.topics.flatMap((one) => one.quotes.slice(0, 1).map((q) => q.text))));
  const cells = aspects.aspects.flatMap((one) => one.by_category.filter((by) => by.positive + by.negative > 0)
    .map((by) => `${by.category}, ${one.title}: ${by.positive_share} of ${by.positive + by.negative}`));
  const drawn = JSON.parse(await value(`JSON.stringify([...document.querySelectorAll('[data-part=aspects] td[data-share]')]
    .map((e) => e.title.split(':')[0] + ': ' + e.dataset.share + ' of ' + e.querySelector('small').textContent.replace(/\\D/g, '')))`));
  check('the heat map has the cells of the API', cells.length > 20 && JSON.stringify(drawn.sort()) === JSON.stringify(cells.sort()),
    `${drawn.length} of ${cells.length}: ${drawn.find((one, i) => one !== cells[i])}`);
  check('the heat map is no wider than the page',
    await value(`(() => { const m = document.querySelector('[data-part=aspects] .scroll'); return m.scrollWidth <= m.clientWidth })()`));
  check('the direction of sizes is told', (await text()).includes('say it runs small'));
  check('and by category', (await count('[data-part=size] tbody tr')) === aspects.size.by_category.length);
  check('disagreements stand in a table, or a sentence does',
    (trends?.disagreements ?? []).length > 0
      ? (await count('[data-part=disagreements] tbody tr')) === Math.min(40, trends.disagreements.length)
      : (await text()).includes('No review is known'));
  const levels = JSON.parse(await value(`JSON.stringify([...document.querySelectorAll('[data-part=toxicity] tbody tr')]
    .map((row) => row.querySelector('td, th').textContent.trim()))`));
  check('the queue has the levels of the API, worst first',
    JSON.stringify(levels) === JSON.stringify((toxicity?.queue ?? []).slice(0, 40).map((one) => one.level)), JSON.stringify(levels));
  check('the queue stands in a table, or a sentence does',
    (toxicity?.queue ?? []).length > 0
      ? (await count('[data-part=toxicity] tbody tr')) === Math.min(40, toxicity.queue.length)
      : /looked at/.test(await text()));
  return { trends };
}

async function monthsCanBeChosen(trends) {
  if (!trends?.dated) {
    check('without days a sentence stands in place of months', (await text()).includes('have no days'));
    return;
  }
  const moved = trends.by_category.find((one) => one.changes.length) ?? trends.by_category[1];
  await value(`(() => { const s = document.querySelector('[data-page=reviews] select'); s.value = ${JSON.stringify(`category:${moved.category}`)};
    s.dispatchEvent(new Event('change', { bubbles: true })) })()`);
  await until(`document.querySelector('[data-moves]')?.dataset.moves === ${JSON.stringify(moved.category)}`, 'a category is chosen');
  check('its changes are those of the API', (await value(`document.querySelector('[data-moves]').dataset.changes`)) === String(moved.changes.length));
  check('the URL holds the choice', (await value('location.search')).includes('trend='));
}

async function aTextIsRead(url) {
  const words = 'Lovely fabric, but far too small. I sent it back.';
  await value(`document.querySelector('#opinion').focus()`);
  await send('Input.insertText', { text: words });
  await value(`document.querySelector('#opinion').closest('form').requestSubmit()`);
  await until(`document.querySelector('[data-opinion]')`, 'the text is read');
  const reply = await fetch(`${url}/v1/sentiment`, { method: 'POST', body: JSON.stringify({ text: words }) });
  const [one] = (await reply.json()).texts;
  check('the reading is that of the API', (await value(`document.querySelector('[data-opinion]').dataset.opinion`)) === (one.sentiment ?? 'none'));
  check('toxicity is told where there is some', (await count('[data-toxicity]')) === (one.toxicity && one.toxicity.level !== 'none' ? 1 : 0));
  check('its aspects are those of the API', (await count('[data-opinion] [data-aspect]')) === one.aspects.length && one.aspects.length >= 2);
}

async function articlesAreFound(url) {
  await open(`${url}/?page=article`);
  await until(`document.querySelector('#search')`, 'the search stands on the page of articles');
  await value(`document.querySelector('#search').focus()`);
  await send('Input.insertText', { text: 'warm jumper' });
  await press('Enter');
  await until(`document.querySelector('[data-found] [data-item]')`, 'articles are found');
  const { items } = await part(url, 'search?q=warm+jumper&k=12');
  const ids = JSON.parse(await value(`JSON.stringify([...document.querySelectorAll('[data-found] [data-item]')].map((e) => e.dataset.item))`));
  check('found articles are those of the API', JSON.stringify(ids) === JSON.stringify(items.map((one) => one.id)));
  await picture('search-light');
  const reviewed = (await part(url, 'reviews/trends'))?.articles?.[0]?.article;
  if (!reviewed) return;
  await open(`${url}/?page=article&article=${encodeURIComponent(reviewed)}`);
  await until(`document.querySelector('[data-part=reviews] blockquote')`, 'an article shows what its reviews say');
  const about = await part(url, `reviews/articles/${encodeURIComponent(reviewed)}`);
  check('as many reviews as the API counts', (await value(`document.querySelector('[data-reviews]').dataset.reviews`)) === String(about.reviews));
  check('its quotes are those of the API', (await count('[data-part=reviews] blockquote')) === about.quotes.length);
  await picture('article-reviews-light');
}

await browserTest(async (url) => {
  await size(1360, 900);
  await open(`${url}/?page=reviews`);
  await until(`document.querySelector('[data-page=reviews]')`, 'the parts arrive');
  await until(`document.querySelectorAll('canvas').length > 0 || document.querySelector('main').textContent.includes('have no days')`, 'the months are drawn');
  const { trends } = await partsEqualTheApi(url);
  await monthsCanBeChosen(trends);
  await aTextIsRead(url);
  await picture('reviews-light');
  await articlesAreFound(url);
  await open(`${url}/?page=reviews&theme=dark&view=table`);
  await until(`document.querySelector('[data-page=reviews]')`, 'the dark page opens');
  check('tables instead of charts', (await count('canvas')) === 0);
  await picture('reviews-dark');
  await size(400, 900);
  await open(`${url}/?page=reviews`);
  await until(`document.querySelector('[data-page=reviews]')`, 'the narrow page opens');
  check('a phone does not scroll sideways', await fits());
  await picture('reviews-narrow');
});
