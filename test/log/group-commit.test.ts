import { expect, test } from 'vitest';
import { GroupCommit, type Committed } from '../../src/log/group-commit.ts';

interface Member extends Committed {
  commits: number;
  /** Ends the commit under way. */
  end: () => void;
}

function member(): Member {
  const made: Member = {
    commits: 0,
    end: () => undefined,
    commit: () => {
      made.commits++;
      return new Promise((resolve) => (made.end = resolve));
    },
  };
  return made;
}

async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

test('the first to come is committed at once, those who come meanwhile together right after, each once', async () => {
  const committer = new GroupCommit();
  const [first, second, third] = [member(), member(), member()];
  committer.enlist(first);
  expect(first.commits).toBe(1);
  for (const each of [second, third, first, second]) committer.enlist(each);
  await settled();
  expect([first.commits, second.commits, third.commits]).toEqual([1, 0, 0]);
  first.end();
  await settled();
  second.end();
  third.end();
  await settled();
  first.end();
  await settled();
  expect([first.commits, second.commits, third.commits]).toEqual([2, 1, 1]);
});

test('a round commits a few at a time, so that files go on being written', async () => {
  const committer = new GroupCommit();
  const members = Array.from({ length: 9 }, member);
  for (const each of members) committer.enlist(each);
  let most = 0;
  const ended = new Set<Member>();
  for (let i = 0; i < 20; i++) {
    await settled();
    const running = members.filter((each) => each.commits === 1 && !ended.has(each));
    most = Math.max(most, running.length);
    const [next] = running;
    if (next === undefined) break;
    next.end();
    ended.add(next);
  }
  expect([ended.size, most]).toEqual([9, 2]);
});
