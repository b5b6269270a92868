// echarts: the parts of the chart library that the first page needs, and a chart's options.
import { BarChart, LineChart } from 'echarts/charts';
import { AriaComponent, GridComponent, TooltipComponent } from 'echarts/components';
import { init, use, type EChartsType } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import type { ChartData } from './api';
import { compact } from './format';
import { colour } from './theme.svelte';

use([LineChart, BarChart, GridComponent, TooltipComponent, AriaComponent, CanvasRenderer]);
export { init, type EChartsType };

const inks = ['accent', 'ink-2', 'second', 'third'];

/** A band is two stacked lines: an invisible floor and the height above it, filled. */
function band(name: string, low: (number | null)[], high: (number | null)[]) {
  const quiet = { type: 'line', stack: `band ${name}`, symbol: 'none', silent: true } as const;
  const height = high.map((top, i) => {
    const floor = low[i];
    return top === null || floor === null || floor === undefined ? null : top - floor;
  });
  return [
    { ...quiet, name: `${name} low`, data: low, lineStyle: { opacity: 0 }, tooltip: { show: false } },
    {
      ...quiet,
      name: `${name} high`,
      data: height,
      lineStyle: { opacity: 0 },
      areaStyle: { color: colour('accent'), opacity: 0.16 },
      tooltip: { show: false },
    },
  ];
}

/** `wide`: the chart's width in pixels, which bar labels share. */
export function options(data: ChartData, wide: number) {
  const bars = data.kind === 'bar';
  // Long names stand beside bars that lie; short ones under bars that stand.
  const lying = bars && data.x.some((name) => name.length * data.x.length * 6.5 > wide - 60);
  const width = lying ? 130 : (wide - 60) / Math.max(1, data.x.length) - 6;
  const muted = colour('ink-3');
  const axis = {
    axisLabel: { color: muted, fontSize: 11 },
    axisLine: { lineStyle: { color: colour('line') } },
  };
  const series = data.series.flatMap((one, i) => [
    // Bars show their intervals in the table of models; a band belongs to a line.
    ...(data.kind === 'line' && one.low && one.high ? band(one.name, one.low, one.high) : []),
    {
      name: one.name,
      type: data.kind,
      data: one.values,
      color: colour(inks[i % inks.length]!),
      symbol: one.marks ?? 'none',
      symbolSize: 9,
      showAllSymbol: true,
      z: one.marks ? 4 : 2,
      lineStyle: one.marks ? { opacity: 0 } : { width: i === 0 ? 2.2 : 1.6 },
      barMaxWidth: 26,
      barCategoryGap: '35%',
      itemStyle: { borderRadius: data.kind === 'bar' ? 2 : 0 },
    },
  ]);
  const names = {
    type: 'category',
    data: data.x,
    ...axis,
    axisTick: { show: false },
    boundaryGap: bars,
    inverse: lying,
    axisLabel: bars ? { ...axis.axisLabel, interval: 0, width, overflow: 'truncate' } : { ...axis.axisLabel, hideOverlap: true },
  };
  const values = {
    type: 'value',
    scale: !bars,
    ...(data.most ? { min: 0, max: data.most, interval: data.most / 4 } : {}),
    ...axis,
    axisLabel: { ...axis.axisLabel, formatter: (value: number) => compact(value) },
    axisLine: { show: false },
    splitNumber: 4,
    splitLine: { lineStyle: { color: colour('line') } },
  };
  return {
    animation: false,
    aria: { enabled: true },
    grid: { left: 4, right: bars ? 14 : 26, top: 12, bottom: 2, containLabel: true },
    xAxis: lying ? values : names,
    yAxis: lying ? names : values,
    tooltip: {
      trigger: 'axis',
      confine: true,
      backgroundColor: colour('raised'),
      borderColor: colour('line'),
      textStyle: { color: colour('ink'), fontSize: 12 },
      axisPointer: { type: data.kind === 'bar' ? 'shadow' : 'line' },
    },
    series,
  };
}
