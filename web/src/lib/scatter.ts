// scatter: the part of the chart library that draws points; fetched when points are first shown.
import { ScatterChart } from 'echarts/charts';
import { use } from 'echarts/core';
import { init } from './echarts';
import { colour } from './theme.svelte';

use([ScatterChart]);
export { init };

export interface Group {
  name: string;
  colour: string;
  faint?: boolean;
  points: [number, number, number][]; // x, y, row
}

/** `log`: the values of y stand on a logarithmic axis. */
export function options(groups: Group[], axes: [string, string], spoken: (row: number) => string, log: boolean) {
  const muted = colour('ink-3');
  const axis = (name: string) => ({
    type: 'value',
    name,
    nameLocation: 'middle',
    nameGap: 22,
    nameTextStyle: { color: muted, fontSize: 11 },
    scale: true,
    axisLabel: { color: muted, fontSize: 11 },
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: colour('line') } },
  });
  return {
    animation: false,
    aria: { enabled: true },
    grid: { left: 44, right: 14, top: 12, bottom: 38 },
    xAxis: axis(axes[0]),
    yAxis: { ...axis(axes[1]), nameGap: 30, ...(log ? { type: 'log' } : {}) },
    tooltip: {
      confine: true,
      backgroundColor: colour('raised'),
      borderColor: colour('line'),
      textStyle: { color: colour('ink'), fontSize: 12 },
      formatter: (hit: { value: number[] }) => spoken(hit.value[2]!).replaceAll('<', '&lt;'),
    },
    series: groups.map((one) => ({
      name: one.name,
      type: 'scatter',
      data: one.points,
      symbolSize: one.faint ? 3 : 5,
      z: one.faint ? 1 : 2,
      itemStyle: { color: one.colour, opacity: one.faint ? 0.5 : 0.72 },
    })),
  };
}
