// The Deploy CLI with one YAML file. The two formats have a file and so a server each: most of their minutes are the tool's own waiting.
import { travels } from './deploy_cli.mjs';

travels('yaml');
