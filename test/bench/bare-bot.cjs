/**
 * What everything is compared with: an echo bot that loads the same frameworks and checks the same tokens, and does
 * nothing else. Plain JavaScript, since the product is measured as built JavaScript too.
 */
require('@microsoft/teams-ai');
const { CloudAdapter, ConfigurationBotFrameworkAuthentication } = require('botbuilder');
const restify = require('restify');

const { BOT_ID, BOT_TENANT_ID, BOT_TYPE, BOT_OPENID_METADATA_URL, BOT_TOKEN_ISSUER, PORT } = process.env;
const adapter = new CloudAdapter(
  new ConfigurationBotFrameworkAuthentication({
    MicrosoftAppId: BOT_ID,
    MicrosoftAppType: BOT_TYPE,
    MicrosoftAppTenantId: BOT_TENANT_ID,
    ToBotFromChannelOpenIdMetadataUrl: BOT_OPENID_METADATA_URL,
    ToBotFromEmulatorOpenIdMetadataUrl: BOT_OPENID_METADATA_URL,
    ToBotFromChannelTokenIssuer: BOT_TOKEN_ISSUER,
    ToChannelFromBotLoginUrl: `https://login.microsoftonline.com/${BOT_TENANT_ID}`,
    ToChannelFromBotOAuthScope: 'https://api.botframework.com',
    OAuthUrl: 'https://api.botframework.com',
  }),
);

const server = restify.createServer({ name: 'bare-bot' });
server.use(restify.plugins.bodyParser());
server.post('/api/messages', async (request, response) => {
  await adapter.process(request, response, async (context) => {
    await context.sendActivity(`You said: ${context.activity.text}`);
  });
});
server.listen(Number(PORT), '127.0.0.1');
