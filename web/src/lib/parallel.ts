// parallel: the part of the chart library that draws parallel coordinates; fetched when first shown.
import { ParallelChart } from 'echarts/charts';
import { ParallelComponent } from 'echarts/components';
import { use } from 'echarts/core';
import { init } from './echarts';
import { significant } from './format';
import { colour } from './theme.svelte';

use([ParallelChart, ParallelComponent]);
export { init };

export interface Axis {
  name: string;
  inverse: boolean; // less is better: up is always better
}
export interface Line {
  name: string;
  values: (number | null)[]; // one an axis
  ink: 'accent' | 'second' | 'ink-3';
}

export function options(axes: Axis[], lines: Line[]) {
  const muted = colour('ink-3');
  return {
    animation: false,
    aria: { enabled: true },
    parallel: { left: 76, right: 60, top: 44, bottom: 16 },
    parallelAxis: axes.map((one, dim) => ({
      dim,
      name: one.name,
      inverse: one.inverse,
      scale: true,
      nameLocation: one.inverse ? 'start' : 'end',
      nameTextStyle: { color: muted, fontSize: 11, width: 96, overflow: 'break' },
      axisLabel: { color: muted, fontSize: 10, formatter: (value: number) => significant(value) },
      axisLine: { lineStyle: { color: colour('line') } },
      axisTick: { show: false },
      splitNumber: 3,
    })),
    tooltip: {
      confine: true,
      backgroundColor: colour('raised'),
      borderColor: colour('line'),
      textStyle: { color: colour('ink'), fontSize: 12 },
    },
    // One series: the axes then reach over all lines. The last is drawn on top.
    series: [
      {
        type: 'parallel',
        data: [...lines].reverse().map((one) => ({
          name: one.name,
          value: one.values.map((value) => value ?? '-'),
          lineStyle: { color: colour(one.ink), width: one.ink === 'ink-3' ? 1 : 2.4, opacity: one.ink === 'ink-3' ? 0.5 : 1 },
        })),
      },
    ],
  };
}
