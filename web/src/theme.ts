/** Dark or light: as the system says, unless the user has chosen here. */
import { useEffect, useState } from 'preact/hooks';

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'rainstorm-theme';
const NEXT: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' };

/** Changes whenever colours do, for what is painted and not styled. */
export function useColours(): string {
  const [colours, setColours] = useState(coloursNow);
  useEffect(() => {
    const look = () => setColours(coloursNow());
    const system = matchMedia('(prefers-color-scheme: dark)');
    const observer = new MutationObserver(look);
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    system.addEventListener('change', look);
    return () => {
      observer.disconnect();
      system.removeEventListener('change', look);
    };
  }, []);
  return colours;
}

export function useTheme(): readonly [Theme, () => void] {
  const [theme, setTheme] = useState<Theme>(chosenTheme);
  useEffect(() => applyTheme(theme), [theme]);
  return [theme, () => setTheme(NEXT[theme])];
}

/** Before anything is drawn. */
export function applyChosenTheme(): void {
  applyTheme(chosenTheme());
}

function applyTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme);
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

function chosenTheme(): Theme {
  const stored = localStorage.getItem(KEY);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

function coloursNow(): string {
  return document.documentElement.dataset['theme'] ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
}
