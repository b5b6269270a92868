// place: the address bar as the page's memory: every filter lives in the URL and survives a reload.

export interface Place {
  page: 'home' | 'recommender' | 'article' | 'reviews' | 'forecast' | 'segments' | 'funnel' | 'paths' | 'trends' | 'prices' | 'baskets' | 'products' | 'data' | 'sales' | 'system';
  family: string; // 'all' or a family's name
  view: 'chart' | 'table';
  theme: 'auto' | 'light' | 'dark';
  customer: string;
  article: string;
  metric: string; // of the recommender page
  q: string; // what articles are searched for
  trend: string; // the category or aspect whose months are drawn: 'category:Shoes'
  series: string; // of the forecast page: 'total', 'category/Shoes', 'article/0123'
  category: string; // this and the rest: what the preview of a customer asks for
  diversity: string;
  new_share: string;
  max_variants: string;
  exclude_bought: string;
  in_stock: string;
  tab: string; // of the segments page: a part of /v1/segments
  method: string; // of segmentation; '' = the recommended one
  segment: string; // id whose passport is shown; '' = the tab
  beside: string; // id of the segment it is compared with
  area: 'customers' | 'revenue';
  cell: string; // what the grid of scores shows
  cells: string; // picked in it: '55,54'
  cuts: string; // cut points of one's own, '10,20,30,40/1,2,4,9/5,9,20,80'; '' = those of the run
  paint: string; // what colours the points of the explorer
  least: string; // smallest cluster of the explorer; '' = the chosen one
  branch: string; // of the explorer's tree: a block; '' = none
  month: string; // of migration; '' = the last ones in a row
  stay: string; // 'on' = bought in that month, 'after' = in it or later
  counts: string; // 'share', 'step' (of the month before) or 'count'
  against: 'previous' | 'year'; // what the trends page compares revenue with
  who: 'visitors' | 'sessions' | 'articles' | 'own'; // goes through the funnel; own: as built
  told: 'steps' | 'differences' | 'articles'; // of it
  steps: string; // of a funnel built by hand: 'view,purchase'; '' = the usual ones
  order: string; // 'loose', 'strict' or 'any'
  within: string; // its window
  unit: string; // 'visitor' or 'session'
  without: string; // what must not lie between
  cut: string; // what it is split by
  anchor: string; // event at which paths begin; '' = the start of the session
  turn: string; // 'forwards' or 'backwards' from it
  depth: string; // steps of the paths
  least_flow: string; // percent of the paths that a ribbon needs
  split: string; // of the funnel: 'category', 'channel' or 'platform'
  plan: string; // of the prices page: stock/weeks/units a week/ladder; '' = as the article has them
  grain: 'day' | 'week' | 'month'; // of the sales page: its periods
  by: 'category' | 'channel' | 'segment' | 'traffic'; // its groups
  group: string; // the group whose figures are told; '' = all
  as: 'money' | 'share' | 'index'; // its lines
  sorted: string; // of the products page: by what; offset: how many come before
  offset: string;
  abc: string; // only this class of revenue
  xyz: string; // only this class of steadiness
  run: string; // of the system page: an id, and the one before it that it is compared with; '' = the latest two
  before: string;
  odds: string; // what the matrix of frequency and recency shows
}

const defaults: Place = {
  page: 'home',
  family: 'all',
  view: 'chart',
  theme: 'auto',
  customer: '',
  article: '',
  metric: 'map_at_12',
  q: '',
  trend: 'category:(all)',
  series: 'total',
  category: '',
  diversity: '0',
  new_share: '0',
  max_variants: '',
  exclude_bought: '',
  in_stock: '',
  tab: 'overview',
  method: '',
  segment: '',
  beside: '',
  area: 'customers',
  cell: 'customers',
  cells: '',
  cuts: '',
  paint: 'label',
  least: '',
  branch: '',
  month: '',
  stay: 'on',
  counts: 'share',
  against: 'previous',
  who: 'visitors',
  told: 'steps',
  steps: '',
  order: 'loose',
  within: '7d',
  unit: 'visitor',
  without: '',
  cut: '',
  anchor: '',
  turn: 'forwards',
  depth: '5',
  least_flow: '0.5',
  split: 'category',
  plan: '',
  grain: 'week',
  by: 'category',
  group: '',
  as: 'money',
  sorted: 'revenue',
  offset: '0',
  abc: '',
  xyz: '',
  run: '',
  before: '',
  odds: 'p_alive',
};
const choices: Partial<Record<keyof Place, string[]>> = {
  page: ['home', 'recommender', 'article', 'reviews', 'forecast', 'segments', 'funnel', 'paths', 'trends', 'prices', 'baskets', 'products', 'data', 'sales', 'system'],
  view: ['chart', 'table'],
  theme: ['auto', 'light', 'dark'],
  tab: ['overview', 'grid', 'explorer', 'choose_k', 'value', 'retention', 'migration', 'drift'],
  area: ['customers', 'revenue'],
  cell: ['customers', 'revenue', 'mean_spend', 'bought_next'],
  paint: ['label', 'strength', 'outlier'],
  stay: ['on', 'after'],
  counts: ['share', 'step', 'count'],
  against: ['previous', 'year'],
  who: ['visitors', 'sessions', 'articles', 'own'],
  told: ['steps', 'differences', 'articles'],
  order: ['loose', 'strict', 'any'],
  unit: ['visitor', 'session'],
  cut: ['', 'category', 'channel', 'platform'],
  turn: ['forwards', 'backwards'],
  depth: ['2', '3', '4', '5', '6', '7', '8'],
  split: ['category', 'channel', 'platform'],
  grain: ['day', 'week', 'month'],
  by: ['category', 'channel', 'segment', 'traffic'],
  as: ['money', 'share', 'index'],
  sorted: ['revenue', 'units', 'growth', 'cv', 'ratio'],
  odds: ['p_alive', 'expected'],
};

function read(): Place {
  const query = new URLSearchParams(location.search);
  const place: Record<string, string> = { ...defaults };
  for (const key of Object.keys(defaults) as (keyof Place)[]) {
    const said = query.get(key);
    if (said !== null && (choices[key]?.includes(said) ?? true)) place[key] = said;
  }
  return place as unknown as Place;
}

export const place = $state<Place>(read());

/** The address of a place: what differs from the defaults. */
export function address(to: Partial<Place>): string {
  const query = new URLSearchParams();
  for (const key of Object.keys(defaults) as (keyof Place)[]) {
    const value = to[key] ?? defaults[key];
    if (value !== defaults[key]) query.set(key, value);
  }
  const text = query.toString();
  return text ? `?${text}` : location.pathname;
}

/** Changes some filters and writes them into the URL; defaults are left out of it. */
export function go(change: Partial<Place>): void {
  const turned = change.page !== undefined && change.page !== place.page;
  Object.assign(place, change);
  history.pushState(null, '', address(place));
  if (turned) window.scrollTo(0, 0);
}

window.addEventListener('popstate', () => Object.assign(place, read()));
