/** The dashboard's beginning: colours, then the page. */
import { render } from 'preact';
import { App } from './app.tsx';
import { applyChosenTheme } from './theme.ts';
import './style/tokens.css';
import './style/base.css';
import './style/shell.css';
import './style/parts.css';
import './style/pipeline.css';
import './style/log.css';

applyChosenTheme();
const root = document.getElementById('app');
if (root === null) throw new Error('the page has no place to draw in');
render(<App />, root);
