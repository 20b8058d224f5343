import { expect, test } from 'vitest';
import { CASE_NAMES, casesNamed } from '../../../bench/suite/cases.ts';

test('without names all cases are meant', () => {
  expect(casesNamed(undefined).map(({ name }) => name)).toEqual(CASE_NAMES);
});

test('a case brings the one that it is compared to, before it', () => {
  expect(casesNamed(['b-host', 'a']).map(({ name }) => name)).toEqual(['a', 'b', 'b-host']);
});

test('an unknown case is refused by its name, with those that there are', () => {
  expect(() => casesNamed(['a', 'z'])).toThrow(/there is no case z: a, /);
});

test('every case has a name of its own', () => {
  expect(new Set(CASE_NAMES).size).toBe(CASE_NAMES.length);
});
