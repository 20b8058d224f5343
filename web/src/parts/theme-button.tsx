import { useTheme, type Theme } from '../theme.ts';

const NAMES: Readonly<Record<Theme, string>> = { system: 'Auto', light: 'Light', dark: 'Dark' };

export function ThemeButton() {
  const [theme, next] = useTheme();
  return <button type="button" class="quiet" onClick={next} aria-label={`Colours: ${NAMES[theme].toLowerCase()}`} title="Colours: as the system says, light, or dark">{NAMES[theme]}</button>;
}
