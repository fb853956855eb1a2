/** What every page does with script: local times, colours, live changes, commands to copy. */
import { copyCommands } from "./copy.ts";
import { startIslands } from "./islands.ts";
import { goLive } from "./live.ts";
import { rememberTheme } from "./theme.ts";
import { keepTimes } from "./times.ts";

keepTimes(document);
rememberTheme();
copyCommands();
startIslands(document);
goLive();
