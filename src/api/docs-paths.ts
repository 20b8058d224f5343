/** Where the API is described, and the style of the page that does. */
export const OPENAPI_PATH = '/openapi.json';

export const STYLE_PATH = '/docs/style.css';
