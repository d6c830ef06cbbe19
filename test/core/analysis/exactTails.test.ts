import assert from 'node:assert/strict';
import { binomialTail, fisherTail } from '../../../src/core/analysis/exactTails';

const near = (actual: number, expected: number, by = 1e-9): void =>
  assert.ok(Math.abs(actual - expected) <= by, `${actual} is not ${expected}`);

describe('exact tails', () => {
  it('say what a bare threshold does: 5 % of 100 requests at a true rate of 2 %', () => {
    const atLeast = binomialTail(5, 100, 0.02);
    const above = binomialTail(6, 100, 0.02);
    near(atLeast, 0.0508, 5e-5);
    near(above, 0.0155, 5e-5);
    const within15 = (p: number): number => 1 - (1 - p) ** 15;
    near(within15(atLeast), 0.54, 5e-3);
    near(within15(above), 0.21, 5e-3);
  });

  it('agree with a second implementation', () => {
    near(binomialTail(5, 100, 0.02), 0.05083044536950036);
    near(binomialTail(30, 1000, 0.05), 0.9992808027197885);
    near(fisherTail({ events: 7, total: 120 }, { events: 2, total: 118 }), 0.0897987993172642);
    near(fisherTail({ events: 500, total: 120_000 }, { events: 400, total: 118_000 }), 0.0011181603932750494);
  });

  it('add up with the other tail, at the ends and in the middle', () => {
    assert.equal(binomialTail(0, 10, 0.3), 1);
    assert.equal(binomialTail(11, 10, 0.3), 0);
    assert.equal(binomialTail(1, 10, 0), 0);
    assert.equal(binomialTail(10, 10, 1), 1);
    for (let k = 1; k <= 10; k++) near(binomialTail(k, 10, 0.3) + binomialTail(11 - k, 10, 0.7), 1);
    assert.equal(fisherTail({ events: 0, total: 5 }, { events: 3, total: 5 }), 1);
    near(fisherTail({ events: 3, total: 3 }, { events: 0, total: 3 }), 1 / 20);
    assert.equal(fisherTail({ events: 2, total: 2 }, { events: 2, total: 2 }), 1);
  });

  it('of a large service take no longer', () => {
    const p = fisherTail({ events: 2_000_600, total: 1e8 }, { events: 2_000_000, total: 1e8 });
    assert.ok(p > 0.3 && p < 0.45, String(p));
  });
});
