/** Inputs made of others by chance; equal seeds give equal inputs. */

/** A number from 0 to below `below`. */
export type Pick = (below: number) => number;

/** A small generator of its own, so that a seed says everything (mulberry32). */
export function generator(seed: number): Pick {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % Math.max(1, below);
  };
}

/** What inputs are made of. */
export interface Material {
  readonly corpus: readonly string[];
  /** What means something to the reader. */
  readonly tokens: readonly string[];
  /** 256: characters are bytes. */
  readonly alphabet: 256 | 65_536;
}

/** A text with some of its parts cut, doubled, replaced and mixed with those of the corpus. */
export function mutated(text: string, pick: Pick, material: Material): string {
  const { corpus, tokens, alphabet } = material;
  const token = () => tokens[pick(tokens.length)] ?? "";
  const character = () =>
    String.fromCharCode(pick(alphabet === 256 ? 256 : pick(8) === 0 ? 65_536 : 128));
  let out = text;
  for (let i = pick(pick(2) === 0 ? 2 : 6); i > 0; i--) {
    const at = pick(out.length + 1);
    const length = pick(12);
    switch (pick(7)) {
      case 0:
        out = out.slice(0, at) + out.slice(at + length);
        break;
      case 1:
        out = out.slice(0, at) + token() + out.slice(at);
        break;
      case 2:
        out = out.slice(0, at) + character() + out.slice(at + 1);
        break;
      case 3: {
        const lines = out.split("\n");
        const line = lines[pick(lines.length)] ?? "";
        lines.splice(pick(lines.length + 1), pick(2), line);
        out = lines.join("\n");
        break;
      }
      case 4: {
        const other = corpus[pick(corpus.length)] ?? "";
        const from = pick(other.length);
        out = out.slice(0, at) + other.slice(from, from + pick(80)) + out.slice(at);
        break;
      }
      case 5: {
        const words = [...out.matchAll(/[A-Za-z0-9_]+/g)];
        const word = words[pick(words.length)];
        if (word === undefined) break;
        out = out.slice(0, word.index) + token() + out.slice(word.index + word[0].length);
        break;
      }
      default:
        out = out.slice(0, at) + token() + out.slice(at + length);
    }
  }
  return out;
}
