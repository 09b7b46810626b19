/** Where Microsoft Graph is. */
/** One Graph for each of Microsoft's clouds. */
const graphHosts = [
  'graph.microsoft.com',
  'graph.microsoft.us',
  'dod-graph.microsoft.us',
  'microsoftgraph.chinacloudapi.cn',
];

/** True for https at an address of Microsoft's own. */
export const isMicrosoftGraph = (url: string): boolean =>
  URL.canParse(url) && new URL(url).protocol === 'https:' && graphHosts.includes(new URL(url).host);
