// The Deploy CLI with a folder of files. The two formats have a file and so a server each: most of their minutes are the tool's own waiting.
import { travels } from './deploy_cli.mjs';

travels('directory');
