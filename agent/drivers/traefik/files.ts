/** Where the files of one Traefik lie. */
export interface TraefikFiles {
  readonly dir: string;
  /** Empty: Traefik would read a traefik.yml of its working directory. */
  readonly workingDir: string;
  /** Watched by Traefik; holds the one dynamic file and nothing else. */
  readonly dynamicDir: string;
  readonly dynamicFile: string;
  /** The last dynamic file that the probe showed live. */
  readonly lastGoodFile: string;
  /** What the dynamic file was made from. */
  readonly publishedFile: string;
  readonly internalPortFile: string;
  readonly accessLogFile: string;
  readonly logFile: string;
  readonly stateFile: string;
  readonly certificatesDir: string;
}

/** The layout under the home's `traefikDir`. */
export function traefikFiles(dir: string): TraefikFiles {
  return {
    dir,
    workingDir: `${dir}/cwd`,
    dynamicDir: `${dir}/dynamic`,
    dynamicFile: `${dir}/dynamic/ingress.yaml`,
    lastGoodFile: `${dir}/last-good.yaml`,
    publishedFile: `${dir}/published.json`,
    internalPortFile: `${dir}/internal-port`,
    accessLogFile: `${dir}/access.log`,
    logFile: `${dir}/traefik.log`,
    stateFile: `${dir}/engine.json`,
    certificatesDir: `${dir}/certificates`,
  };
}
