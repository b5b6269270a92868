// theme: light or dark, by the system's wish or the reader's.
import { place } from './place.svelte';

const system = matchMedia('(prefers-color-scheme: dark)');
const wish = $state({ dark: system.matches });
system.addEventListener('change', (event) => (wish.dark = event.matches));

export const theme = {
  get dark(): boolean {
    return place.theme === 'auto' ? wish.dark : place.theme === 'dark';
  },
};

/** The value of a colour of style.css, for canvases. */
export const colour = (name: string) =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
