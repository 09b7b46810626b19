/** The framework's adapter: checks the connector's token, runs a turn, and builds clients for what is said outside a turn. */
import {
  CloudAdapter,
  ConfigurationBotFrameworkAuthentication,
  ConfigurationServiceClientCredentialFactory,
  type TurnContext,
} from 'botbuilder';
import { ClaimsIdentity, type ConnectorClient, type ConnectorFactory } from 'botframework-connector';
import type { Activity, InvokeResponse } from 'botframework-schema';
import type { BotConfig } from './config';

const publicScope = 'https://api.botframework.com';

/** Another connector than Microsoft's needs all six endpoints: as soon as one is set, the others are taken literally. */
function endpoints(config: BotConfig): Record<string, string> {
  if (!config.localConnector) return {};
  const { metadataUrl, issuer } = config.localConnector;
  return {
    ToBotFromChannelOpenIdMetadataUrl: metadataUrl,
    ToBotFromEmulatorOpenIdMetadataUrl: metadataUrl,
    ToBotFromChannelTokenIssuer: issuer,
    ToChannelFromBotLoginUrl: `https://login.microsoftonline.com/${config.tenantId}`,
    ToChannelFromBotOAuthScope: publicScope,
    OAuthUrl: publicScope,
  };
}

export type TurnResult =
  { readonly kind: 'refused' } | { readonly kind: 'done'; readonly response: InvokeResponse | undefined };

/** The library builds the bot's credential anew in every turn; one per audience is enough, and it caches its own token. */
class KeptCredentials extends ConfigurationServiceClientCredentialFactory {
  readonly #kept = new Map<
    string,
    ReturnType<ConfigurationServiceClientCredentialFactory['createCredentials']>
  >();

  override createCredentials(
    ...request: Parameters<ConfigurationServiceClientCredentialFactory['createCredentials']>
  ): ReturnType<ConfigurationServiceClientCredentialFactory['createCredentials']> {
    const key = JSON.stringify(request);
    const kept = this.#kept.get(key) ?? super.createCredentials(...request);
    this.#kept.set(key, kept);
    return kept;
  }
}

export class DeskAdapter extends CloudAdapter {
  readonly #factory: ConnectorFactory;
  readonly #clients = new Map<string, Promise<ConnectorClient>>();

  constructor(config: BotConfig) {
    const registration = {
      MicrosoftAppId: config.appId,
      MicrosoftAppType: config.appType,
      MicrosoftAppTenantId: config.tenantId,
      ...(config.password === undefined ? {} : { MicrosoftAppPassword: config.password }),
    };
    const authentication = new ConfigurationBotFrameworkAuthentication(
      { ...registration, ...endpoints(config) },
      new KeptCredentials(registration),
    );
    super(authentication);
    const claims = [
      { type: 'aud', value: config.appId },
      { type: 'appid', value: config.appId },
    ];
    this.#factory = authentication.createConnectorFactory(new ClaimsIdentity(claims, true));
  }

  /**
   * Checks the token, then runs the turn. A token that does not hold is a refusal, whatever the framework would make of
   * it: a forged signature would otherwise answer as a fault of ours.
   */
  async run(
    authorization: string,
    activity: Activity,
    logic: (context: TurnContext) => Promise<void>,
  ): Promise<TurnResult> {
    const authenticated = await this.botFrameworkAuthentication
      .authenticateRequest(activity, authorization)
      .catch(() => undefined);
    if (!authenticated) return { kind: 'refused' };
    return { kind: 'done', response: await this.processActivity(authenticated, activity, logic) };
  }

  /** A client that speaks as the bot, outside of any turn. */
  connector(serviceUrl: string): Promise<ConnectorClient> {
    const known = this.#clients.get(serviceUrl);
    if (known) return known;
    const client = this.#factory.create(serviceUrl, publicScope);
    this.#clients.set(serviceUrl, client);
    return client;
  }
}
