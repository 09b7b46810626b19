/** Reads the numbers and strings that pg_dump writes at the beginning of a custom-format archive. */

/** Thrown inside this room only: the bytes end before the table of contents does. */
export class EndOfBytes extends Error {
  constructor() {
    super('the bytes end here');
  }
}

export interface ByteSource {
  position(): number;
  byte(): number;
  /** A number as the archive writes it: a sign, then `intSize` bytes, lowest first. */
  int(): number;
  /** Null where the archive has no string. */
  text(): string | null;
  offset(): number;
  shape(intSize: number, offsetSize: number): void;
}

export function byteSource(bytes: Buffer): ByteSource {
  let at = 0;
  let intSize = 4;
  let offsetSize = 8;
  const byte = (): number => {
    const value = bytes[at];
    if (value === undefined) throw new EndOfBytes();
    at += 1;
    return value;
  };
  const unsigned = (size: number): number => {
    let value = 0;
    for (let index = 0; index < size; index++) value += byte() * 2 ** (8 * index);
    return value;
  };
  const int = (): number => {
    const isNegative = byte() !== 0;
    const value = unsigned(intSize);
    return isNegative ? -value : value;
  };
  return {
    position: () => at,
    byte,
    int,
    offset: () => unsigned(offsetSize),
    text: () => {
      const length = int();
      if (length < 0) return null;
      if (at + length > bytes.length) throw new EndOfBytes();
      const text = bytes.toString('utf8', at, at + length);
      at += length;
      return text;
    },
    shape: (newIntSize, newOffsetSize) => {
      intSize = newIntSize;
      offsetSize = newOffsetSize;
    },
  };
}
