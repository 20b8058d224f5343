import { useTheme, type Theme } from '../theme.ts';

const NAMES: Readonly<Record<Theme, string>> = { system: 'Auto', light: 'Light', dark: 'Dark' };

export function ThemeButton() {
  const [theme, next] = useTheme();
  return <button type="button" class="quiet" onClick={next} aria-label={`Colours: ${NAMES[theme].toLowerCase()}`} title="Colours: as the system says, light, or dark"><svg class="half" viewBox="0 0 12 12" aria-hidden="true"><circle cx="6" cy="6" r="5" /><path d="M6 1a5 5 0 0 1 0 10z" /></svg> {NAMES[theme]}</button>;
}
