// drawing: a chart whose library is fetched when a page first draws one; it follows its box and the theme.
import { onMount } from 'svelte';
import { theme } from './theme.svelte';
import type { EChartsType } from './echarts';

export interface Drawing {
  /** There once the library is. */
  readonly chart: EChartsType | undefined;
}

/** Called while a component is made: draws options(library, chart) into box(), again whenever they change. */
export function drawing<Library extends { init: (box: HTMLElement) => EChartsType }>(
  box: () => HTMLElement,
  load: () => Promise<Library>,
  options: (library: Library, chart: EChartsType) => Parameters<EChartsType['setOption']>[0],
): Drawing {
  let chart: EChartsType | undefined = $state.raw();
  let library: Library | undefined = $state.raw();

  onMount(() => {
    let live = true;
    const watcher = new ResizeObserver(() => chart?.resize());
    void load().then((loaded) => {
      if (!live) return;
      library = loaded;
      chart = loaded.init(box());
      watcher.observe(box());
    });
    return () => {
      live = false;
      watcher.disconnect();
      chart?.dispose();
    };
  });
  $effect(() => {
    void theme.dark; // colours are read anew when the theme changes
    if (chart && library) chart.setOption(options(library, chart), true);
  });

  return {
    get chart() {
      return chart;
    },
  };
}
