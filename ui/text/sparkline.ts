/** A line of figures as a small picture, for pages without script. Pure. */

const WIDTH = 300;
const HEIGHT = 60;

/** The path of what is known: a gap where nothing was measured. Values count from nought. */
export function sparkPath(points: readonly (number | null)[], highest: number): string {
  const step = WIDTH / Math.max(1, points.length - 1);
  let pen = "M";
  let path = "";
  for (const [index, point] of points.entries()) {
    if (point === null) {
      pen = "M";
      continue;
    }
    const y = HEIGHT - (highest > 0 ? point / highest : 0) * (HEIGHT - 2) - 1;
    path += `${pen}${(index * step).toFixed(1)} ${y.toFixed(1)}`;
    pen = "L";
  }
  return path;
}

/** A whole SVG file; its colours can be seen on light and on dark. */
export function sparkline(lines: readonly (readonly (number | null)[])[]): string {
  const highest = Math.max(0, ...lines.flat().map((point) => point ?? 0));
  const colours = ["#1287a5", "#b07514", "#2a9a63"];
  const paths = lines.map((points, index) =>
    `<path d="${sparkPath(points, highest)}" fill="none" stroke="${
      colours[index % colours.length]
    }" stroke-width="1.5" stroke-linejoin="round"/>`
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" ` +
    `width="${WIDTH}" height="${HEIGHT}">` +
    `<path d="M0 ${HEIGHT - 0.5}H${WIDTH}" stroke="#8a949b" stroke-width="1"/>${
      paths.join("")
    }</svg>`;
}
