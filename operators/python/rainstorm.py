"""What it takes to write a RainStorm operator in Python (3.8 or later): one file without dependencies.

    import rainstorm

    def count(fields, out, state):
        key = fields[0]
        state[key] = state.get(key, 0) + 1
        out.fields([key, state[key]])

    rainstorm.operator(fields=count)

The program reads tuples on standard input and writes tuples on standard output. Under a task it takes part in checkpoints;
by itself it is an ordinary filter. docs/operators.md shows more, docs/control-protocol.md is the protocol.
"""
import io
import os
import pickle
import select
import stat
import struct
import sys
import traceback

__all__ = ["operator", "Output", "Failure"]

_STDIN, _STDOUT, _FROM_TASK, _TO_TASK = 0, 1, 3, 4
# What a pipe holds.
_CHUNK_BYTES = 64 * 1024
# The longest line there is on descriptor 3 has some fifty characters.
_MAX_LINE_BYTES = 256
# What a shell reports of a program that died because nobody reads its output any more: 128 + SIGPIPE.
_STATUS_PIPE_CLOSED = 141
_MAGIC = b"RSKEYED1"
_ANY_BYTES = "surrogateescape"
_QUOTE, _COMMA = 0x22, 0x2C
# Values that have no set in them, and so need not be searched for one.
_PLAIN = (int, float, str, bytes, bool, type(None))


class Failure(Exception):
    """An expected failure: its message is told on stderr without a traceback, and the exit status is 1."""


def operator(spec=None, *, line=None, fields=None, tuple=None, format="lines", end=None, snapshot=None, restore=None):
    """Runs the program as an operator, and ends it when standard input has ended.

    One function handles the input: `line(text, out, state)`, `fields(values, out, state)` for CSV records, or
    `tuple(bytes, out, state)`, whose `format` is "lines" or "csv". `end(out, state)` is called after the last tuple; a
    generator may `yield` now and then, and what it has put out by then is written. `state` is a dict: everything that is
    remembered from one tuple to the next belongs in it, or into the bytes that `snapshot()` gives and `restore(bytes)` takes.
    Instead of functions, `spec` may be an object with methods of these names.
    """
    given = {"line": line, "fields": fields, "tuple": tuple, "end": end, "snapshot": snapshot, "restore": restore}
    if spec is not None:
        given = {name: getattr(spec, name, None) for name in given}
        format = getattr(spec, "format", format)
    handlers = [name for name in ("line", "fields", "tuple") if given[name] is not None]
    if len(handlers) != 1:
        raise TypeError("an operator has one of line, fields and tuple, not %s" % (" and ".join(handlers) or "none"))
    if (given["snapshot"] is None) != (given["restore"] is None):
        raise TypeError("an operator has both snapshot and restore, or neither")
    if format not in ("lines", "csv"):
        raise TypeError("format is lines or csv, not %r" % (format,))
    try:
        _Program(_Stream("csv" if handlers[0] == "fields" else format, handlers[0], given)).run()
    except BrokenPipeError:
        os._exit(_STATUS_PIPE_CLOSED)
    except Failure as failure:
        _fail(str(failure))
    except Exception:
        _fail(traceback.format_exc().rstrip("\n"))


def _fail(message):
    sys.stderr.write("%s: %s\n" % (os.path.basename(sys.argv[0]) or "operator", message))
    sys.stderr.flush()
    os._exit(1)


class Output:
    """Where tuples are put out. Each must be closed by a newline, which `line` and `fields` add."""

    def __init__(self):
        self._parts = []

    def line(self, text):
        """A text, or bytes, and a newline."""
        self._parts.append(text.encode("utf-8", _ANY_BYTES) if isinstance(text, str) else text)
        self._parts.append(b"\n")

    def fields(self, values):
        """A CSV record: fields in quotes where they need them, commas, a newline."""
        self._parts.append(b",".join([_quoted(value) for value in values]))
        self._parts.append(b"\n")

    def bytes(self, data):
        """Bytes as they are."""
        self._parts.append(data)

    def _take(self):
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def _quoted(value):
    data = value if isinstance(value, bytes) else str(value).encode("utf-8", _ANY_BYTES)
    if b'"' in data or b"," in data or b"\n" in data or b"\r" in data:
        return b'"' + data.replace(b'"', b'""') + b'"'
    return data


class _Splitter:
    """Cuts a stream into tuples, wherever its pieces are cut: at each newline, or (csv) at those outside quotes."""

    def __init__(self, format, line):
        self._csv = format == "csv"
        self.line = line  # of the first tuple that has not come out
        self.carried = bytearray()  # of a tuple whose end has not come
        self._scanned = 0  # how far that was looked at for quotes
        self._in_quotes = False
        self._has_quote = False

    def push(self, chunk):
        """The tuples that are complete now, without their newlines."""
        if self._csv and (self._has_quote or b'"' in chunk):
            self.carried += chunk
            return self._push_quoted()
        end = chunk.rfind(b"\n")
        if end == -1:
            self.carried += chunk
            return []
        whole = chunk[:end]
        if self.carried:
            whole = bytes(self.carried) + whole
        self.carried[:] = chunk[end + 1 :]
        self._scanned = 0
        tuples = whole.split(b"\n")
        self.line += len(tuples)
        return tuples

    def _push_quoted(self):
        data, tuples, start, at = self.carried, [], 0, self._scanned
        newline, quote = _find(data, b"\n", at), _find(data, b'"', at)
        while True:
            if self._in_quotes:
                # The byte behind a quote tells whether it closes the field or is half of a pair.
                if quote + 1 >= len(data):
                    at = quote
                    break
                self._in_quotes = data[quote + 1] == _QUOTE
                at = quote + (2 if self._in_quotes else 1)
                quote = _find(data, b'"', at)
                newline = newline if newline >= at else _find(data, b"\n", at)
            elif quote < newline:
                self._in_quotes = quote == start or data[quote - 1] == _COMMA
                quote = _find(data, b'"', quote + 1)
            elif newline < len(data):
                tuples.append(bytes(data[start:newline]))
                self.line += data.count(b"\n", start, newline + 1)
                start = newline + 1
                newline = _find(data, b"\n", start)
            else:
                at = len(data)
                break
        del data[:start]
        self._scanned, self._has_quote = at - start, b'"' in data
        return tuples

    def end(self):
        """The last tuple, where no newline closed it."""
        # A quote as the very last byte closes the field it is in.
        if self._in_quotes and self._scanned == len(self.carried):
            raise Failure("standard input: a quote in the record that begins on line %d is never closed" % self.line)
        return [bytes(self.carried)] if self.carried else []


def _find(data, byte, start):
    """Where the byte is, or the length."""
    found = data.find(byte, start)
    return len(data) if found == -1 else found


def _record(data):
    """The values of a CSV record's fields, as text."""
    if data.endswith(b"\r"):
        data = data[:-1]
    if b'"' not in data:
        return data.decode("utf-8", _ANY_BYTES).split(",")
    values, at = [], 0
    while True:
        close = _closing_quote(data, at) if data[at : at + 1] == b'"' else -1
        comma = data.find(b",", at if close == -1 else close + 1)
        stop = len(data) if comma == -1 else comma
        # What stands between the closing quote and the comma is part of the value.
        value = data[at:stop] if close == -1 else data[at + 1 : close].replace(b'""', b'"') + data[close + 1 : stop]
        values.append(value.decode("utf-8", _ANY_BYTES))
        if comma == -1:
            return values
        at = comma + 1


def _closing_quote(data, start):
    at = data.find(b'"', start + 1)
    while at != -1 and data[at + 1 : at + 2] == b'"':
        at = data.find(b'"', at + 2)
    return at


_CONVERT = {"line": lambda data: data.decode("utf-8", _ANY_BYTES), "fields": _record, "tuple": lambda data: data}


class _Stream:
    """The way from pieces of input to bytes of output. Its state may be taken between any two pieces."""

    def __init__(self, format, handler, given):
        self._format = format
        self._splitter = _Splitter(format, 1)
        self._convert = _CONVERT[handler]
        self._handle = given[handler]
        self._given = given
        self._out = Output()
        self._state = {}

    def push(self, chunk):
        self._take(self._splitter.push(chunk))
        return self._out._take()

    def _take(self, tuples):
        convert, handle, out, state = self._convert, self._handle, self._out, self._state
        for data in tuples:
            handle(convert(data), out, state)

    def end(self):
        """The rest of the output, piece by piece."""
        self._take(self._splitter.end())
        yield self._out._take()
        end = self._given["end"]
        for _ in (end(self._out, self._state) if end is not None else None) or ():
            yield self._out._take()
        yield self._out._take()

    def state(self):
        """Everything that the rest of the output depends on, in the keyed state format of docs/operators.md."""
        snapshot = self._given["snapshot"]
        carried = bytes(self._splitter.carried)
        shared = struct.pack("<QI", self._splitter.line, len(carried)) + carried + (snapshot() if snapshot is not None else b"")
        parts = [_MAGIC, struct.pack("<I", len(shared)), shared]
        for key, value in self._state.items():
            for data in (_write_key(key), _write_value(value)):
                parts.append(struct.pack("<I", len(data)))
                parts.append(data)
        return b"".join(parts)

    def restore(self, data):
        if data[: len(_MAGIC)] != _MAGIC:
            raise Failure("the state to begin with is not one that this operator gave")
        shared, at = _measured(data, len(_MAGIC))
        line, length = struct.unpack_from("<QI", shared)
        self._splitter = _Splitter(self._format, line)
        self._splitter.push(shared[12 : 12 + length])
        if self._given["restore"] is not None:
            self._given["restore"](shared[12 + length :])
        while at < len(data):
            key, at = _measured(data, at)
            value, at = _measured(data, at)
            self._state[key.decode("utf-8", _ANY_BYTES)] = pickle.loads(value)


def _measured(data, at):
    (length,) = struct.unpack_from("<I", data, at)
    if at + 4 + length > len(data):
        raise Failure("the state to begin with ends in the middle")
    return data[at + 4 : at + 4 + length], at + 4 + length


def _write_key(key):
    if not isinstance(key, str):
        raise TypeError("a key of the state is of type %s: keys are strings" % type(key).__name__)
    return key.encode("utf-8", _ANY_BYTES)


class _Pickler(pickle.Pickler):
    def persistent_id(self, value):
        if isinstance(value, (set, frozenset)):
            raise TypeError("the state has a set, whose order a checkpoint does not keep: use a dict, as in dict.fromkeys(values)")
        return None


def _write_value(value):
    if type(value) in _PLAIN:
        return pickle.dumps(value, protocol=4)
    file = io.BytesIO()
    _Pickler(file, protocol=4).dump(value)
    return file.getvalue()




class _Program:
    """Standard input to standard output, with checkpoints on the way."""

    def __init__(self, stream):
        self._stream = stream
        self._link = _Link.open()
        self._read_bytes = 0
        self._written_bytes = 0

    def run(self):
        state = self._link.begin() if self._link is not None else None
        if state is not None:
            self._stream.restore(state)
        ended = False
        while True:
            # Before every wait: a checkpoint may have come in one piece with what was said before it.
            if self._answer_here(self._wanted()):
                continue
            if ended:
                break
            if self._wait_for_input():
                chunk = _read(_STDIN)
                ended = chunk == b""
                self._feed(chunk)
        for data in self._stream.end():
            self._write(data)

    def _wait_for_input(self):
        """True when stdin can be read, false when the task has said something."""
        if self._link is None or not self._link.is_open:
            return True
        return _STDIN in select.select([_STDIN, _FROM_TASK], [], [])[0]

    def _feed(self, chunk):
        while chunk:
            # Behind each piece of stdin, and before any of it is handled, all that the task has said is read: it says which
            # checkpoint it wants before it writes the first byte behind it.
            checkpoint = self._wanted()
            length = len(chunk) if checkpoint is None else min(len(chunk), checkpoint[1] - self._read_bytes)
            self._read_bytes += length
            self._write(self._stream.push(chunk[:length]))
            chunk = chunk[length:]
            self._answer_here(checkpoint)

    def _wanted(self):
        checkpoint = self._link.wanted() if self._link is not None else None
        if checkpoint is not None and checkpoint[1] < self._read_bytes:
            raise Failure("checkpoint %d is wanted at byte %d of stdin, when %d have been handled" % (checkpoint + (self._read_bytes,)))
        return checkpoint

    def _answer_here(self, checkpoint):
        """Answers the checkpoint if all before it has been handled; gives false if not, or if there is none."""
        if checkpoint is None or checkpoint[1] > self._read_bytes:
            return False
        self._link.answer(checkpoint[0], self._written_bytes, self._stream.state())
        return True

    def _write(self, data):
        self._written_bytes += len(data)
        _write(_STDOUT, data)


class _Link:
    """The two descriptors to the task: 3 is read, 4 written."""

    def __init__(self):
        self.is_open = True
        self._buffer = bytearray()
        self._state_bytes = None  # of the state that is on its way
        self._begun = False
        self._state = None
        self._under_way = None  # (id, offset) of a checkpoint, from the task's wish to its `continue`
        self._answered = False

    @staticmethod
    def open():
        """The link, or None where the program runs as an ordinary filter. The descriptors are for no program that this one starts."""
        version = os.environ.pop("RAINSTORM_CONTROL", None)
        if version is None:
            return None
        if version != "1":
            raise Failure("RAINSTORM_CONTROL is %s; this operator speaks version 1" % version)
        for fd in (_FROM_TASK, _TO_TASK):
            try:
                mode = os.fstat(fd).st_mode
            except OSError:
                mode = 0
            if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
                raise Failure("RAINSTORM_CONTROL is set, and descriptor %d is no pipe; only a task sets it" % fd)
        return _Link()

    def begin(self):
        """Greets the task; gives the state to begin with, or None for a fresh start."""
        self._write(b"rainstorm-operator 1\n")
        while self.is_open and not self._begun:
            self._fill(None)
        if not self._begun and (self._buffer or self._state_bytes is not None):
            raise Failure("descriptor 3 ended in the middle of the state to begin with")
        state, self._state = self._state, None
        return state

    def wanted(self):
        """Reads all that is there, without waiting; gives (id, offset) of the checkpoint that the task wants, or None."""
        while self.is_open and self._fill(0):
            pass
        return None if self._answered else self._under_way

    def answer(self, id, output_bytes, state):
        """Hands a state out and waits until the operator may go on."""
        self._answered = True
        self._write(b"state %d %d %d\n" % (id, output_bytes, len(state)) + state)
        while self.is_open and self._answered:
            self._fill(None)

    def _fill(self, seconds):
        """Reads what is there, waiting at most so long; false when that was nothing."""
        if not select.select([_FROM_TASK], [], [], seconds)[0]:
            return False
        data = _read(_FROM_TASK)
        self.is_open = data != b""
        self._buffer += data
        self._parse()
        return self.is_open

    def _parse(self):
        while True:
            if self._state_bytes is not None:
                if len(self._buffer) < self._state_bytes:
                    return
                self._state = bytes(self._buffer[: self._state_bytes])
                del self._buffer[: self._state_bytes]
                self._state_bytes, self._begun = None, True
            end = self._buffer.find(b"\n", 0, _MAX_LINE_BYTES)
            if end == -1 and len(self._buffer) < _MAX_LINE_BYTES:
                return
            line = bytes(self._buffer[: end if end != -1 else _MAX_LINE_BYTES])
            del self._buffer[: len(line) + 1]
            self._understand(line)

    def _understand(self, line):
        word, *texts = line.split(b" ")
        numbers = [int(text) for text in texts if text.isdigit() and (text == b"0" or not text.startswith(b"0"))]
        form = (word, len(numbers)) if len(numbers) == len(texts) else None
        if not self._begun and form == (b"fresh", 0):
            self._begun = True
        elif not self._begun and form == (b"restore", 1):
            self._state_bytes = numbers[0]
        elif self._begun and form == (b"checkpoint", 2) and self._under_way is None:
            self._under_way = (numbers[0], numbers[1])
        elif self._answered and form == (b"continue", 1) and numbers[0] == self._under_way[0]:
            self._under_way, self._answered = None, False
        else:
            raise Failure("descriptor 3 says %r, which makes no sense here; only a task sets RAINSTORM_CONTROL" % line)

    def _write(self, data):
        try:
            _write(_TO_TASK, data)
        except BrokenPipeError:
            # The task wants no more checkpoints, or is gone: the operator goes on without.
            self.is_open = False


def _read(fd):
    """What is there; waits for it. Empty at the end."""
    while True:
        try:
            return os.read(fd, _CHUNK_BYTES)
        except BlockingIOError:
            select.select([fd], [], [])


def _write(fd, data):
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(fd, rest) :]
        except BlockingIOError:
            select.select([], [fd], [])
