import { PNG } from "./sample-media.js";

type Contents = { uri: string; mimeType: string } & ({ text: string } | { blob: string });

const STATIC = [
  {
    uri: "test://static-text",
    name: "static-text",
    description: "A text that never changes",
    mimeType: "text/plain",
    text: "This is the content of the static text resource.",
  },
  {
    uri: "test://static-binary",
    name: "static-binary",
    description: "An image that never changes",
    mimeType: "image/png",
    blob: PNG,
  },
  {
    uri: "test://watched-resource",
    name: "watched-resource",
    description: "A resource to subscribe to",
    mimeType: "text/plain",
    text: "Watched resource content",
  },
] as const;

/** The resources as they are listed. */
export const RESOURCES = STATIC.map(({ uri, name, description, mimeType }) => ({
  uri,
  name,
  description,
  mimeType,
}));

export const TEMPLATE = {
  uriTemplate: "test://template/{id}/data",
  name: "template",
  description: "One resource for every id",
  mimeType: "application/json",
};
const TEMPLATE_URI = /^test:\/\/template\/(?<id>[^/]+)\/data$/;

/** What a resource holds; undefined if there is none of that URI. */
export function readResource(uri: string): Contents | undefined {
  const resource = STATIC.find((one) => one.uri === uri);
  if (resource) {
    const { mimeType } = resource;
    return "blob" in resource
      ? { uri, mimeType, blob: resource.blob }
      : { uri, mimeType, text: resource.text };
  }
  const id = TEMPLATE_URI.exec(uri)?.groups?.id;
  if (id === undefined) return undefined;
  const text = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
  return { uri, mimeType: TEMPLATE.mimeType, text };
}

/** The message of the error for a URI that nobody knows; the error's data is `{ uri }`. */
export function notFoundMessage(uri: string): string {
  return `Resource ${uri} not found`;
}
