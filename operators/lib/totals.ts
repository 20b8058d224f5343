import { Big } from 'big.js';
import type { ByteReader } from '../../src/kit/byte-reader.ts';
import type { ByteWriter } from '../../src/kit/byte-writer.ts';
import type { ShortDecimal } from './decimal.ts';
import { doubleOf, toBig } from './decimal.ts';

/** Digits of a mean behind the point; those beyond are rounded half to even, since a third has no end. */
const MEAN_DECIMALS = 20;

const Quotient = Big();
Quotient.DP = MEAN_DECIMALS;
Quotient.RM = Big.roundHalfEven;

/**
 * Count, sum, least, greatest and mean of decimals, all exact but for the mean's last digit: so they depend neither on the
 * order of the values nor on how they were read.
 */
export class Totals {
  #count = 0;
  /** Sums of the short decimals, one for each number of digits behind the point. */
  readonly #unitsByScale: number[] = [];
  #min = Infinity;
  #minDecimal: ShortDecimal = { units: 0, scale: 0 };
  #max = -Infinity;
  #maxDecimal: ShortDecimal = { units: 0, scale: 0 };
  /** The sum of all others, and of what grew too large above. */
  #sum = new Big(0);
  #minBig: Big | undefined;
  #maxBig: Big | undefined;

  addShort(value: ShortDecimal): void {
    this.#count++;
    const { units, scale } = value;
    const sum = (this.#unitsByScale[scale] ?? 0) + units;
    if (Number.isSafeInteger(sum)) this.#unitsByScale[scale] = sum;
    else {
      this.#sum = this.#sum.plus(toBig(this.#unitsByScale[scale] ?? 0, scale)).plus(toBig(units, scale));
      this.#unitsByScale[scale] = 0;
    }
    const double = doubleOf(value);
    if (double < this.#min) {
      this.#min = double;
      this.#minDecimal = { units, scale };
    }
    if (double > this.#max) {
      this.#max = double;
      this.#maxDecimal = { units, scale };
    }
  }

  addBig(value: Big): void {
    this.#count++;
    this.#sum = this.#sum.plus(value);
    if (this.#minBig === undefined || value.lt(this.#minBig)) this.#minBig = value;
    if (this.#maxBig === undefined || value.gt(this.#maxBig)) this.#maxBig = value;
  }

  /** `count,sum,min,max,mean`, in plain notation without trailing zeros. There must be a value. */
  toString(): string {
    const sum = this.#unitsByScale.reduce((total, units, scale) => total.plus(toBig(units, scale)), this.#sum);
    const mean = new Quotient(sum).div(this.#count);
    return [this.#count, ...[sum, this.#least(), this.#greatest(), mean].map((value) => value.toFixed())].join(',');
  }

  write(writer: ByteWriter): void {
    writer.double(this.#count);
    writer.uint32(this.#unitsByScale.length);
    for (let scale = 0; scale < this.#unitsByScale.length; scale++) writer.double(this.#unitsByScale[scale] ?? 0);
    writeShort(writer, this.#min === Infinity ? undefined : this.#minDecimal);
    writeShort(writer, this.#max === -Infinity ? undefined : this.#maxDecimal);
    // `valueOf` keeps every digit, and the sign of a zero.
    for (const value of [this.#sum, this.#minBig, this.#maxBig]) writer.latin1(value?.valueOf() ?? '');
  }

  /** Becomes what was written. */
  read(reader: ByteReader): void {
    this.#count = reader.double();
    const scales = reader.uint32();
    for (let scale = 0; scale < scales; scale++) this.#unitsByScale.push(reader.double());
    const [min, max] = [readShort(reader), readShort(reader)];
    if (min !== undefined) [this.#min, this.#minDecimal] = [doubleOf(min), min];
    if (max !== undefined) [this.#max, this.#maxDecimal] = [doubleOf(max), max];
    this.#sum = new Big(reader.latin1());
    const [minBig, maxBig] = [reader.latin1(), reader.latin1()];
    this.#minBig = minBig === '' ? undefined : new Big(minBig);
    this.#maxBig = maxBig === '' ? undefined : new Big(maxBig);
  }

  #least(): Big {
    const short = this.#min === Infinity ? undefined : toBig(this.#minDecimal.units, this.#minDecimal.scale);
    if (this.#minBig === undefined) return short ?? new Big(0);
    return short?.lt(this.#minBig) === true ? short : this.#minBig;
  }

  #greatest(): Big {
    const short = this.#max === -Infinity ? undefined : toBig(this.#maxDecimal.units, this.#maxDecimal.scale);
    if (this.#maxBig === undefined) return short ?? new Big(0);
    return short?.gt(this.#maxBig) === true ? short : this.#maxBig;
  }
}

function writeShort(writer: ByteWriter, value: ShortDecimal | undefined): void {
  writer.uint32(value === undefined ? 0 : 1);
  if (value === undefined) return;
  writer.double(value.units);
  writer.uint32(value.scale);
}

function readShort(reader: ByteReader): ShortDecimal | undefined {
  return reader.uint32() === 0 ? undefined : { units: reader.double(), scale: reader.uint32() };
}
