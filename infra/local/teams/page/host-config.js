// How cards look here: one place for fonts, spacing and the five meanings of colour. All text colours reach a contrast
// of 4.5 to 1 on every background they may stand on.

const tones = {
  default: { default: '#1f2033', subtle: '#565870' },
  dark: { default: '#1f2033', subtle: '#565870' },
  light: { default: '#ffffff', subtle: '#e2e3f0' },
  accent: { default: '#3a3f9e', subtle: '#4a4fb0' },
  good: { default: '#0a5f38', subtle: '#17693f' },
  warning: { default: '#7a4100', subtle: '#7d4a10' },
  attention: { default: '#a4121f', subtle: '#a4262f' },
};

const style = (backgroundColor, borderColor) => ({ backgroundColor, borderColor, foregroundColors: tones });

export const hostConfig = {
  supportsInteractivity: true,
  fontFamily: 'var(--font)',
  fontTypes: {
    default: {
      fontFamily: 'var(--font)',
      fontSizes: { small: 12, default: 14, medium: 15, large: 18, extraLarge: 22 },
      fontWeights: { lighter: 300, default: 400, bolder: 600 },
    },
    monospace: {
      fontFamily: 'var(--mono)',
      fontSizes: { small: 12, default: 13, medium: 14, large: 16, extraLarge: 20 },
      fontWeights: { lighter: 400, default: 400, bolder: 600 },
    },
  },
  spacing: { small: 4, default: 8, medium: 12, large: 18, extraLarge: 26, padding: 12 },
  separator: { lineThickness: 1, lineColor: '#dfe0ea' },
  imageSizes: { small: 32, medium: 52, large: 100 },
  containerStyles: {
    default: style('#ffffff', '#dfe0ea'),
    emphasis: style('#f4f4fa', '#dfe0ea'),
    accent: style('#eef0fc', '#c5c9f2'),
    good: style('#eaf6ef', '#b5dcc5'),
    warning: style('#fdf4e3', '#ecd3a4'),
    attention: style('#fdeeee', '#f0c1c4'),
  },
  inputs: {
    label: {
      inputSpacing: 'small',
      requiredInputs: { weight: 'bolder', size: 'default', suffix: ' *', suffixColor: 'attention' },
      optionalInputs: { weight: 'bolder', size: 'default' },
    },
    errorMessage: { spacing: 'small', color: 'attention', size: 'small', weight: 'default' },
    debounceTimeInMilliSeconds: 0,
  },
  actions: {
    maxActions: 6,
    spacing: 'medium',
    buttonSpacing: 8,
    showCard: { actionMode: 'inline', inlineTopMargin: 12, style: 'emphasis' },
    actionsOrientation: 'horizontal',
    actionAlignment: 'left',
  },
  adaptiveCard: { allowCustomStyle: false },
  factSet: {
    title: {
      color: 'default',
      size: 'default',
      isSubtle: true,
      weight: 'default',
      wrap: true,
      maxWidth: 130,
    },
    value: { color: 'default', size: 'default', isSubtle: false, weight: 'default', wrap: true },
    spacing: 12,
  },
  textBlock: { headingLevel: 3 },
};
