/**
 * The two icons, drawn: a database cylinder and, in front of it, the arrow that goes back. Shapes are functions of a
 * point in a square from 0 to 1; every pixel is the average of many points in it, which is what makes edges smooth.
 */
import { encodePng, type Picture } from './png';

/** Red, green, blue, alpha. */
type Colour = readonly [number, number, number, number];
type Shape = (x: number, y: number) => boolean;

const white: Colour = [255, 255, 255, 255];
const mint: Colour = [150, 235, 205, 255];
/** The manifest's accent colour. */
const green: Colour = [29, 111, 99, 255];
const nothing: Colour = [255, 255, 255, 0];

interface Cylinder {
  readonly centre: number;
  readonly halfWidth: number;
  readonly top: number;
  readonly bottom: number;
  /** Half the height of the lid. */
  readonly lid: number;
  readonly gap: number;
}

/** A body of three drums under a lid; the gaps follow the lid's front edge. */
const cylinder =
  ({ centre, halfWidth, top, bottom, lid, gap }: Cylinder): Shape =>
  (x, y) => {
    const across = (x - centre) / halfWidth;
    if (Math.abs(across) > 1) return false;
    const bulge = lid * Math.sqrt(1 - across * across);
    if (y < top - bulge || y > bottom + bulge) return false;
    const drum = (bottom - top) / 3;
    return [0, 1, 2].every((nth) => Math.abs(y - bulge - (top + nth * drum)) > gap / 2);
  };

interface BackArrow {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly stroke: number;
  readonly head: number;
}

/** Where the arrow's head sits on its circle; it points against the clock. */
const headAngle = (140 * Math.PI) / 180;
/** How far the line runs from the head, clockwise. */
const sweep = (285 * Math.PI) / 180;

const backArrow =
  ({ x: cx, y: cy, radius, stroke, head }: BackArrow): Shape =>
  (x, y) => {
    const dx = x - cx;
    const dy = cy - y;
    const turned = (headAngle - Math.atan2(dy, dx) + 4 * Math.PI) % (2 * Math.PI);
    if (Math.abs(Math.hypot(dx, dy) - radius) <= stroke / 2 && turned <= sweep) return true;
    const [sin, cos] = [Math.sin(headAngle), Math.cos(headAngle)];
    const ahead = -(dx - radius * cos) * sin + (dy - radius * sin) * cos;
    const aside = (dx - radius * cos) * cos + (dy - radius * sin) * sin;
    return ahead >= 0 && ahead <= head && Math.abs(aside) <= (head - ahead) * 0.85;
  };

const disc =
  (cx: number, cy: number, radius: number): Shape =>
  (x, y) =>
    Math.hypot(x - cx, y - cy) <= radius;

interface Layer {
  readonly shape: Shape;
  readonly colour: Colour;
}

/** The colour of the topmost layer at a point. */
function colourAt(layers: readonly Layer[], ground: Colour, x: number, y: number): Colour {
  return layers.findLast(({ shape }) => shape(x, y))?.colour ?? ground;
}

const pointsPerSide = 8;

/** Averages with alpha as weight, so that transparent points do not darken an edge. */
function pixel(layers: readonly Layer[], ground: Colour, column: number, row: number, size: number): Colour {
  const sum = [0, 0, 0, 0] as [number, number, number, number];
  for (let point = 0; point < pointsPerSide ** 2; point++) {
    const x = (column + ((point % pointsPerSide) + 0.5) / pointsPerSide) / size;
    const y = (row + (Math.floor(point / pointsPerSide) + 0.5) / pointsPerSide) / size;
    const [r, g, b, alpha] = colourAt(layers, ground, x, y);
    sum[0] += r * alpha;
    sum[1] += g * alpha;
    sum[2] += b * alpha;
    sum[3] += alpha;
  }
  const [r, g, b, alpha] = sum;
  return alpha === 0 ? nothing : [r / alpha, g / alpha, b / alpha, alpha / pointsPerSide ** 2];
}

function draw(size: number, layers: readonly Layer[], ground: Colour): Picture {
  const pixels = new Uint8Array(size * size * 4);
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++)
      pixels.set(pixel(layers, ground, column, row, size).map(Math.round), (row * size + column) * 4);
  return { size, pixels };
}

/** The mark stays within the middle half or so: Teams may cut the square to a circle. */
const colourPicture = (): Picture =>
  draw(
    192,
    [
      {
        shape: cylinder({ centre: 0.44, halfWidth: 0.195, top: 0.3, bottom: 0.65, lid: 0.068, gap: 0.026 }),
        colour: white,
      },
      { shape: disc(0.635, 0.625, 0.19), colour: green },
      { shape: backArrow({ x: 0.635, y: 0.625, radius: 0.115, stroke: 0.052, head: 0.105 }), colour: mint },
    ],
    green,
  );

const outlinePicture = (): Picture =>
  draw(
    32,
    [
      {
        shape: cylinder({ centre: 0.4, halfWidth: 0.32, top: 0.19, bottom: 0.74, lid: 0.115, gap: 0.063 }),
        colour: white,
      },
      { shape: disc(0.71, 0.7, 0.29), colour: nothing },
      { shape: backArrow({ x: 0.71, y: 0.7, radius: 0.18, stroke: 0.085, head: 0.17 }), colour: white },
    ],
    nothing,
  );

/** File name to content, as the manifest names them. */
export const drawIcons = (): Readonly<Record<'color.png' | 'outline.png', Buffer>> => ({
  'color.png': encodePng(colourPicture()),
  'outline.png': encodePng(outlinePicture()),
});
