# Numbers the trips of each bike model. An operator in Python, described in docs/operators.md.
import rainstorm


def count(trip, out, counts):
    bike = trip[4] if len(trip) > 4 else ""
    counts[bike] = counts.get(bike, 0) + 1
    out.fields([bike, counts[bike]])


rainstorm.operator(fields=count)
