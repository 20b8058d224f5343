// Numbers the trips of each bike model. An operator in JavaScript, described in docs/operators.md.
import { operator } from 'rainstorm/operator';

operator({
  fields(trip, out, counts) {
    const bike = trip[4] ?? '';
    const count = (counts.get(bike) ?? 0) + 1;
    counts.set(bike, count);
    out.fields([bike, count]);
  },
});
