// place: the address bar as the page's memory: every filter lives in the URL and survives a reload.

export interface Place {
  family: string; // 'all' or a family's name
  view: 'chart' | 'table';
  theme: 'auto' | 'light' | 'dark';
  customer: string;
}

const defaults: Place = { family: 'all', view: 'chart', theme: 'auto', customer: '' };

function read(): Place {
  const query = new URLSearchParams(location.search);
  const place = { ...defaults };
  place.family = query.get('family') ?? defaults.family;
  place.customer = query.get('customer') ?? defaults.customer;
  if (query.get('view') === 'table') place.view = 'table';
  const theme = query.get('theme');
  if (theme === 'light' || theme === 'dark') place.theme = theme;
  return place;
}

export const place = $state<Place>(read());

/** Changes some filters and writes them into the URL; defaults are left out of it. */
export function go(change: Partial<Place>): void {
  Object.assign(place, change);
  const query = new URLSearchParams();
  for (const key of Object.keys(defaults) as (keyof Place)[])
    if (place[key] !== defaults[key]) query.set(key, place[key]);
  const text = query.toString();
  history.pushState(null, '', text ? `?${text}` : location.pathname);
}

window.addEventListener('popstate', () => Object.assign(place, read()));
