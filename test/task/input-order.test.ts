import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { InputOrder } from '../../src/task/input-order.ts';
import { firstProducers } from './lanes-to.ts';

test('N1: frames leave in the order in which they came, whenever they leave', () => {
  fc.assert(fc.property(fc.array(fc.boolean(), { maxLength: 2000 }), (steps) => {
    const order = new InputOrder<number>(firstProducers(1));
    const taken: number[] = [];
    let accepted = 0;
    for (const accepts of steps) {
      if (accepts) order.accept(accepted++);
      else taken.push(...[order.take()].filter((frame) => frame !== undefined));
    }
    for (let frame = order.take(); frame !== undefined; frame = order.take()) taken.push(frame);
    expect(taken).toEqual(Array.from({ length: accepted }, (_, index) => index));
    expect(order.empty).toBe(true);
  }));
});

test('N1: thousands that wait leave in order', () => {
  const order = new InputOrder<number>(firstProducers(1));
  for (let frame = 0; frame < 3000; frame++) order.accept(frame);
  for (let frame = 0; frame < 3000; frame++) {
    expect(order.take()).toBe(frame);
    if (frame % 3 === 0) order.accept(3000 + frame / 3);
  }
  expect(order.take()).toBe(3000);
});

test('N2: the end comes when every producer has ended and everything before has left', () => {
  const order = new InputOrder<string>(firstProducers(2));
  order.accept('a');
  order.end(0);
  order.end(0);
  expect(order.ended).toBe(false);
  order.end(1);
  expect(order.ended).toBe(false);
  order.take();
  expect(order.ended).toBe(true);
});

test('N2: it does not come while the stage before is being rescaled, and comes without those that were rescaled', () => {
  let producers = { numbers: [0], more: true };
  const order = new InputOrder<string>(() => producers);
  order.end(0, true);
  expect([order.ended, order.superseded]).toEqual([false, true]);
  producers = { numbers: [256, 257], more: false };
  order.end(256);
  expect(order.ended).toBe(false);
  order.end(257);
  expect(order.ended).toBe(true);
});
