import { scaleLinear } from 'd3-scale';
import { curveStepAfter, line } from 'd3-shape';
import type { TemplateResult } from 'lit';
import { html, nothing, svg } from 'lit';
import type { PanelChart } from './protocol';
import { chartValue, clockTime, outcomes } from './words';

type Point = readonly [number, number];

/** In the picture's own units; it is stretched to the room that there is. */
const width = 340;
const height = 132;
const margin = { top: 14, right: 10, bottom: 20, left: 48 };
/** Newest looks in the table behind the picture. */
const mostRows = 60;

/** A line chart with its limits drawn in: the picture, what it says in words, and its numbers as a table behind a fold. */
export function drawChart(chart: PanelChart): TemplateResult {
  const { verdict } = chart;
  return html`<figure class="chart">
    <figcaption>
      <h3>${chart.title}</h3>
      ${
        verdict === undefined
          ? nothing
          : html`<p class=${verdict.outcome}>
              <span class="codicon codicon-${outcomes[verdict.outcome].icon}" aria-hidden="true"></span>
              <span class="word">${outcomes[verdict.outcome].metric}:</span> ${verdict.message}
            </p>`
      }
    </figcaption>
    ${
      chart.lines.length === 0
        ? html`<p class="empty">Nothing was measured yet.${chart.last.length === 0 ? '' : ` ${chart.last.join(', ')}`}</p>`
        : html`${drawPicture(chart)}
            <p class="legend">
              ${chart.last.map((words, index) => html`<span>${drawSwatch(chart.lines[index]?.look)}${words}</span>`)}
            </p>
            ${drawTable(chart)}`
    }
  </figure>`;
}

function drawSwatch(look: 'main' | 'beside' | undefined): TemplateResult | typeof nothing {
  if (look === undefined) return nothing;
  return html`<svg class="swatch" viewBox="0 0 18 8" aria-hidden="true">
    <line class="line ${look}" x1="0" y1="4" x2="18" y2="4" />
  </svg>`;
}

/** The plot itself; `role=img` with the summary as its name, so that nobody has to see it. */
function drawPicture({ lines, limits, unit, summary }: PanelChart): TemplateResult {
  const points = lines.flatMap((one) => one.points);
  const times = points.map(([at]) => at);
  const values = [...points.map(([, value]) => value), ...limits.map((limit) => limit.value)];
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const x = scaleLinear([first, last === first ? first + 1 : last], [margin.left, width - margin.right]);
  const top = Math.max(...values);
  const y = scaleLinear([Math.min(0, ...values), top <= 0 ? 1 : top * 1.08], [height - margin.bottom, margin.top]);
  const ticks = unit === 'health' ? [0, 1] : unit === 'duration' ? durationTicks(top) : y.ticks(3);
  const path = line<Point>(
    (point) => x(point[0]),
    (point) => y(point[1]),
  );
  if (unit === 'health') path.curve(curveStepAfter);
  return html`<svg class="plot" viewBox="0 0 ${width} ${height}" role="img" aria-label=${summary}>
    ${ticks.map(
      (tick) => svg`<line class="grid" x1=${margin.left} x2=${width - margin.right} y1=${y(tick)} y2=${y(tick)} />
        <text class="axis" x=${margin.left - 5} y=${y(tick) + 3.5} text-anchor="end">${chartValue(unit, tick)}</text>`,
    )}
    <text class="axis" x=${margin.left} y=${height - 5}>${clockTime(first, last - first)}</text>
    ${
      last === first
        ? nothing
        : svg`<text class="axis" x=${width - margin.right} y=${height - 5} text-anchor="end">${clockTime(last, last - first)}</text>`
    }
    ${limits.map(
      (limit) => svg`<line class="limit" x1=${margin.left} x2=${width - margin.right} y1=${y(limit.value)} y2=${y(limit.value)} />
        <text class="limit-label" x=${margin.left + 3} y=${y(limit.value) - 4 < 9 ? y(limit.value) + 11 : y(limit.value) - 4}>${limit.label}</text>`,
    )}
    ${lines.map((one) => {
      const end = one.points.at(-1);
      return svg`<path class="line ${one.look}" d=${path([...one.points]) ?? ''} />
        ${end === undefined ? nothing : svg`<circle class="end ${one.look}" cx=${x(end[0])} cy=${y(end[1])} r="3" />`}`;
    })}
  </svg>`;
}

/** Round times from zero to the longest: whole days, hours or minutes. */
function durationTicks(longest: number): readonly number[] {
  const unit = [86_400_000, 3_600_000, 60_000].find((size) => longest >= 2 * size) ?? 1000;
  return scaleLinear([0, longest / unit], [0, 1])
    .ticks(3)
    .filter((tick) => Number.isInteger(tick))
    .map((tick) => tick * unit);
}

/** The same numbers as a table, newest first. */
function drawTable({ lines, unit, title, weekly }: PanelChart): TemplateResult {
  const rows = new Map<number, (number | undefined)[]>();
  lines.forEach((one, index) => {
    for (const [at, value] of one.points) {
      const row = rows.get(at) ?? lines.map(() => undefined);
      row[index] = value;
      rows.set(at, row);
    }
  });
  const newest = [...rows].sort(([a], [b]) => b - a).slice(0, mostRows);
  return html`<details class="numbers">
    <summary>Numbers <span class="hidden">of ${title}</span></summary>
    <div class="scroll" tabindex="0" role="region" aria-label="Numbers of ${title}">
      <table>
        <thead>
          <tr>
            <th scope="col">${weekly === true ? 'Week of' : 'UTC'}</th>
            ${lines.map((one) => html`<th scope="col">${one.name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${newest.map(
            ([at, values]) =>
              html`<tr>
                <th scope="row">
                  ${weekly === true ? new Date(at).toISOString().slice(0, 10) : new Date(at).toISOString().slice(0, 19).replace('T', ' ')}
                </th>
                ${values.map((value) => html`<td>${value === undefined ? 'no data' : chartValue(unit, value)}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}
