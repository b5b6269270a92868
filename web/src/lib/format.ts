// format: numbers and days as people read them; raw values stay in data-value attributes.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** A value in one of the formats that the API names: ratio, percent, integer, money, decimal. */
export function number(value: number | null | undefined, format = 'decimal'): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  switch (format) {
    case 'percent':
      return `${(value * 100).toFixed(Math.abs(value) < 0.1 ? 2 : 1)} %`;
    case 'integer':
      return whole.format(value);
    case 'money':
      return new Intl.NumberFormat('en', {
        minimumFractionDigits: 2,
        maximumFractionDigits: 2,
      }).format(value);
    case 'ratio':
      return value.toFixed(4);
    default:
      return significant(value);
  }
}

/** Three to four significant digits, without exponents. */
export function significant(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1000) return whole.format(value);
  if (size >= 100) return value.toFixed(1);
  if (size >= 1) return value.toFixed(2);
  return value.toFixed(4);
}

export const compact = (value: number) => short.format(value);
export const integer = (value: number | undefined) => (value === undefined ? '–' : whole.format(value));

/** "2020-09-22" as "22 Sep 2020". */
export function day(iso: string): string {
  const date = new Date(`${iso}T00:00:00Z`);
  if (Number.isNaN(date.valueOf())) return iso;
  return date.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  });
}

/** map_at_12 as "MAP@12", rmsse as "RMSSE", log_loss as "log loss". */
export function metricName(name: string): string {
  const at = /^(map|ndcg|mrr|recall|hit_rate|hr|precision)_at_(\d+)$/.exec(name);
  if (at) {
    const base = at[1]!;
    const upper = ['map', 'ndcg', 'mrr', 'hr'].includes(base) ? base.toUpperCase() : base;
    return `${upper.replace('_', ' ')}@${at[2]}`;
  }
  if (/^(rmsse|mase|smape|wape|auc|mrr|f1|ari|rmse|mae)$/.test(name)) return name.toUpperCase();
  return name.replaceAll('_', ' ');
}
