/** Hex SHA-256 of a text; handed in, because the domain computes nothing that the platform must provide. */
export type Digest = (text: string) => string;
